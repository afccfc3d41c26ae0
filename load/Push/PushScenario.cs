using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HallOps.Load.Day;
using HallOps.Load.Halls;
using HallOps.Load.Measuring;
using HallOps.Load.Server;

namespace HallOps.Load.Push;

/// <summary>R7 and R8 of docs/benchmarks.md: a call on a thousand screens, beside the same bytes sent to a group of a bare hub; and with screens that take nothing. F17 when it is asked for.</summary>
internal static class PushScenario
{
    internal const string Hall = "rudong-town";
    private const string Window = "6";
    private const string Line = "police";

    private const int Screens = 1_000;

    // 20,000 deliveries a leg.
    private const int Calls = 20;

    // Legs before anything counts: until then the server's compiler has half of its processor.
    private const int WarmUps = 12;

    // 5 % of all screens.
    private const int Stalled = 53;

    // Each may keep what Kestrel and SignalR buffer for it, its own picture and no more; the rest is the collector's play.
    private const double GrowthMib = 64;

    public static async Task RunAsync(LoadOptions options, Report report)
    {
        // On its own: five thousand connections through a restart take longer than the rest.
        if (options.Only.Contains("F17"))
        {
            await Restart.RunAsync(options, report);
            return;
        }
        using var folder = new TempFolder();
        await using var server = await ServerProcess.StartAsync(folder.Sub("data"));
        using var http = new HttpClient();
        var window = await CounterAsync(server, http, options);
        await using var audience = await Audience.GatherAsync(server.Address, Screens, $"[\"{Hall}\"]");
        Task CallAsync() => window.NextAsync();

        if (options.Wants("R7"))
        {
            // A change brings the last calls with it: their list is full before a message is taken as the usual one.
            for (var i = 0; i < Calls; i++) await CallAsync();
            var messages = await OneCallAsync(server.Address, window);
            await using var bare = await BareHubServer.StartAsync();
            await using var others = await Audience.GatherAsync(bare.Address, Screens, $"[\"{Hall}\"]");
            var body = JsonSerializer.SerializeToUtf8Bytes(messages, JsonSerializerOptions.Web);
            async Task SendAsync()
            {
                using var content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
                (await http.PostAsync(new Uri(bare.Address, "/send"), content)).EnsureSuccessStatusCode().Dispose();
            }

            // Both are measured once the compiler has seen what is hot.
            for (var i = 0; i < (options.Quick ? 2 : WarmUps); i++)
            {
                await LegAsync(audience, CallAsync, () => server.Cpu);
                await LegAsync(others, SendAsync, () => bare.Cpu);
            }
            var (mine, theirs) = (new List<Leg>(), new List<Leg>());
            var (ours, bares) = await Pairs.MeasureAsync(options.Pairs,
                async () => Kept(mine, await LegAsync(audience, CallAsync, () => server.Cpu)).P95,
                async () => Kept(theirs, await LegAsync(others, SendAsync, () => bare.Cpu)).P95);
            report.Add(new Ratio("R7", $"p95 from the clerk's key to the glass of {Screens:#,0} screens, {Calls} calls a leg, ÷ a POST that sends a group of a bare hub the same messages", Bound.Most(1.3),
                new("the server, durable", "ms", ours), new("bare SignalR group", "ms", bares)));
            report.Add(new Ratio("R7-cpu", "CPU time of the server's process for a call on all screens ÷ the same for the bare hub", Bound.Most(1.5),
                new("the server, durable", "CPU ms/call", [.. mine.Select(l => l.CpuMs)]), new("bare SignalR group", "CPU ms/call", [.. theirs.Select(l => l.CpuMs)])));
            report.Say(FormattableString.Invariant($"    bytes to a screen for a call: {mine.Average(l => l.Bytes):0} of the server, heartbeats included, {theirs.Average(l => l.Bytes):0} of the bare hub"));
        }
        if (!options.Wants("R8")) return;

        await LegAsync(audience, CallAsync, () => server.Cpu);
        var growth = new List<double>();
        var (with, without) = await Pairs.MeasureAsync(options.Pairs,
            async () =>
            {
                var before = server.MemoryMib;
                await using var stalled = await StalledScreens.GatherAsync(server.Address, Stalled, $"[\"{Hall}\"]");
                var leg = await LegAsync(audience, CallAsync, () => server.Cpu);
                growth.Add(server.MemoryMib - before);
                return leg.P95;
            },
            async () => (await LegAsync(audience, CallAsync, () => server.Cpu)).P95);
        report.Add(new Ratio("R8", $"p95 of {Screens:#,0} healthy screens with {Stalled} more that take nothing ÷ without them", Bound.Most(1.5), new("with stalled screens", "ms", with), new("without", "ms", without)));
        report.Limit($"memory growth with {Stalled} stalled screens, the median leg", Pairs.Median(growth), "MiB", GrowthMib);
        report.Say(FormattableString.Invariant($"    the server's peak memory {server.PeakMemoryMib:0} MiB"));
    }

    /// <summary>A window of the town hall with more numbers waiting than a run calls.</summary>
    private static async Task<Counter> CounterAsync(ServerProcess server, HttpClient http, LoadOptions options)
    {
        var provision = new Provision(http, () => server.Address, new Random(options.Seed));
        await provision.SignInAsync();
        var document = JsonNode.Parse(AlwaysOpen.Of(await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, $"samples/halls/{Hall}.json"))))!;
        document["maxWaiting"] = 10_000;
        var service = (string)document["services"]!.AsArray().First(s => (string)s!["line"]! == Line)!["service"]!;
        await provision.ImportAsync(Hall, Encoding.UTF8.GetBytes(document.ToJsonString()));
        var kiosk = provision.Caller(await provision.DeviceAsync("kiosk", Hall));
        // Legs of both ratios, those that warm up, those that fill the list, and one to spare.
        var needed = Calls * (3 * options.Pairs + WarmUps + 4);
        for (var i = 0; i < needed; i++)
            Provision.Expect(await kiosk.PostAsync($"halls/{Hall}/tickets", new JsonObject { ["service"] = service }), "a number");
        var manager = await provision.AccountAsync("window-6", "manager", Hall, "w06");
        Provision.Expect(await manager.PostAsync($"halls/{Hall}/windows/{Window}/open"), "opening the window");
        var counter = new Counter(manager);
        await counter.NextAsync();
        return counter;
    }

    /// <summary>The messages of one call as one screen gets them: what the bare hub is to send.</summary>
    private static async Task<List<BareHub.Sending>> OneCallAsync(Uri server, Counter window)
    {
        var messages = new List<BareHub.Sending>();
        var (shown, called) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var sequence = long.MaxValue;
        await using var screen = await HubSocket.ConnectAsync(server, null, (target, arguments) =>
        {
            if (target == "Snapshot")
            {
                sequence = arguments[1].GetInt64();
                shown.TrySetResult();
            }
            // What was called in the last 30 s is told to who comes: those calls are of the snapshot or before it.
            var isTheCall = target == "Announce" && arguments[2].GetProperty("id").GetInt64() > sequence;
            if (target == "Change" || isTheCall) messages.Add(new(target, [.. arguments.EnumerateArray()]));
            if (isTheCall) called.TrySetResult();
        });
        await screen.SendAsync("WatchHall", [Hall]);
        await shown.Task.WaitAsync(TimeSpan.FromSeconds(10));
        await window.NextAsync();
        await called.Task.WaitAsync(TimeSpan.FromSeconds(10));
        return [.. messages];
    }

    private static async Task<Leg> LegAsync(Audience audience, Func<Task> call, Func<TimeSpan> cpu)
    {
        var (heard, received, spent) = (new List<double>(audience.Screens.Count * Calls), audience.Received, cpu());
        for (var i = 0; i < Calls; i++) heard.AddRange(await audience.CallAsync(call));
        heard.Sort();
        return new(heard[(int)(heard.Count * 0.95)], (cpu() - spent).TotalMilliseconds / Calls, (audience.Received - received) / (double)audience.Screens.Count / Calls);
    }

    private static Leg Kept(List<Leg> legs, Leg leg)
    {
        legs.Add(leg);
        return leg;
    }

    /// <param name="CpuMs">Of the serving process, a call.</param>
    /// <param name="Bytes">To one screen, a call.</param>
    private readonly record struct Leg(double P95, double CpuMs, double Bytes);

    /// <summary>A clerk who presses one key: who is there is finished, the next is called.</summary>
    private sealed class Counter(ApiClient clerk)
    {
        public async Task NextAsync()
        {
            var answer = Provision.Expect(await clerk.PostAsync($"halls/{Hall}/windows/{Window}/next", new JsonObject { ["outcome"] = "done" }), "the next one");
            if (answer.Body?["called"] is null) throw new InvalidOperationException("Nobody waits any more: the run issued too few numbers.");
        }
    }
}
