using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using HallOps.Core.Halls;
using HallOps.Load.Halls;
using HallOps.Load.Measuring;
using HallOps.Load.Server;
using HallOps.Web.Demo;

namespace HallOps.Load.Day;

/// <summary>A whole office day of the sample halls on the real server, over HTTP and the hub.</summary>
internal static class DayScenario
{
    private static readonly string[] Halls = ["huangpu-street", "rudong-town", "jiangyong-county", "rudong-community", "rudong-village"];

    // A Tuesday, an ordinary workday of the demand's factors.
    private static readonly DateTimeOffset Midnight = new(2026, 11, 24, 0, 0, 0, TimeSpan.FromHours(8));

    // Clerks of a hall with an account of their own; the windows after them are opened and worked by the hall's manager for who sits there.
    private const int OwnAccounts = 8;

    // Accounts are slow to make on purpose (210,000 rounds of PBKDF2 each, twice).
    private static readonly TimeSpan SetUpWithin = TimeSpan.FromSeconds(45);

    public static async Task RunAsync(LoadOptions options, Report report)
    {
        using var folder = new TempFolder();
        var data = folder.Sub("data");
        var random = new Random(options.Seed);
        var ledger = new Ledger();
        var start = Midnight.AddHours(8) - SetUpWithin * options.Speed;
        report.Say(FormattableString.Invariant($"seed {options.Seed}, speed {options.Speed}: {Midnight:yyyy-MM-dd} from 08:00 to 17:00 in about {9.5 * 3600 / options.Speed / 60:0.0} minutes, and at most {SetUpWithin.TotalSeconds:0} s to set up"));
        var began = Stopwatch.GetTimestamp();
        await using var server = await ServerProcess.StartAsync(data, settings:
            ["--HallOps:Clock:Start", start.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture), "--HallOps:Clock:Speed", options.Speed.ToString(CultureInfo.InvariantCulture)]);
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 256 }) { Timeout = TimeSpan.FromSeconds(30) };
        var provision = new Provision(http, () => server.Address, random) { RepeatShare = 0.03 };
        await provision.SignInAsync();
        var clock = DayClock.Of(data);
        var screens = new List<Screen>();
        var prepared = new List<Func<DayHours, DayHall>>();
        foreach (var hall in Halls) prepared.Add(await PrepareAsync(hall, provision, server.Address, clock, ledger, screens, random));
        var late = clock.Now - Midnight.AddHours(8);
        var hours = new DayHours(Midnight, late > TimeSpan.Zero ? late : TimeSpan.Zero);
        report.Say(FormattableString.Invariant($"{Halls.Length} halls, {screens.Count} screens set up in {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s; doors at {hours.Doors:HH:mm}"));

        var cpu = server.Cpu;
        var days = prepared.Select(p => p(hours)).ToList();
        using var failed = new CancellationTokenSource();
        await Task.WhenAll(days.Select(async day =>
        {
            try
            {
                await day.PlayAsync(failed.Token);
            }
            catch
            {
                // One hall's day gone wrong is the run gone wrong: the others need not play to the end.
                await failed.CancelAsync();
                throw;
            }
        }));
        var spent = server.Cpu - cpu;
        await CompareAsync(screens, provision, report);
        var peak = server.PeakMemoryMib;
        foreach (var screen in screens) await screen.DisposeAsync();
        await server.StopAsync();

        var stories = await HallStory.ReadAsync(data);
        foreach (var wrong in ledger.Check(stories).Take(20)) report.Fail(wrong);
        if (ApiClient.Differed > 0) report.Fail($"{ApiClient.Differed} of {ApiClient.Repeated} repeated requests were answered differently.");
        Announcements(screens, stories, ledger, report);
        new DayTable(stories, ledger, screens).Print(report);
        var tickets = stories.Sum(s => s.Events.Count(e => e.Event is TicketIssued));
        report.Say(FormattableString.Invariant($"{ledger.Count:#,0} steps acknowledged, {ApiClient.Repeated} requests sent twice with their key; refused by the rules: {string.Join(", ", days.SelectMany(d => d.Refusals).GroupBy(r => r.Key).OrderByDescending(g => g.Sum(r => r.Value)).Select(g => $"{g.Key} {g.Sum(r => r.Value)}"))}"));
        report.Say(FormattableString.Invariant($"the server: {spent.TotalSeconds:0.0} CPU s, {spent.TotalMilliseconds / tickets:0.0} ms a ticket; peak memory {peak:0} MiB; journal {new FileInfo(Path.Combine(data, "journal.db")).Length / (double)tickets:#,0} bytes a ticket with documents and snapshots"));
    }

    private static async Task<Func<DayHours, DayHall>> PrepareAsync(string hall, Provision provision, Uri address, DayClock clock, Ledger ledger, List<Screen> screens, Random random)
    {
        var samples = Path.Combine(AppContext.BaseDirectory, "samples");
        var document = AlwaysOpen.Of(await File.ReadAllBytesAsync(Path.Combine(samples, "halls", hall + ".json")));
        using var demand = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(samples, "demand", hall + ".json")));
        using var settings = JsonDocument.Parse(document);
        var root = settings.RootElement;
        await provision.ImportAsync(hall, document);
        var plan = DayPlan.Draw(root, demand.RootElement, DayPlan.ReadWarsaw(Path.Combine(samples, "warsaw", "arrivals.csv")), Midnight, random);

        var windows = Seat.Of(root, DateOnly.FromDateTime(Midnight.DateTime));
        var clerks = new DayClerk[windows.Count];
        var manager = windows.Count > OwnAccounts ? await provision.AccountAsync($"{hall}-manager", "manager", hall, null) : null;
        await Parallel.ForAsync(0, windows.Count, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (i, _) =>
        {
            var (id, staff, lines, _) = windows[i];
            clerks[i] = new(i < OwnAccounts ? await provision.AccountAsync($"{hall}-{id}", "clerk", hall, staff) : manager!, id, staff, lines, EatsFirst: i % 2 == 0);
        });
        var kiosk = root.TryGetProperty("kind", out var kind) && kind.GetString() == "small"
            // No kiosk there: whoever sits at the desk gives the number. An ID card is seen by the clerk as well.
            ? clerks[0].Client
            : provision.Caller(await provision.DeviceAsync("kiosk", hall));

        var mine = new List<Screen> { await Screen.ShowAsync(address, null, hall) };
        foreach (var zone in root.TryGetProperty("zones", out var zones) ? zones.EnumerateArray().ToArray() : [])
            mine.Add(await Screen.ShowAsync(address, null, hall, zone: zone.GetProperty("zone").GetString()));
        var pads = new Dictionary<string, (ApiClient, Screen)>();
        foreach (var (window, i) in windows.Select((w, i) => (w.Window, i)))
        {
            mine.Add(await Screen.ShowAsync(address, null, hall, window: window));
            if (i % 2 != 0) continue;
            var token = await provision.DeviceAsync("pad", hall, window);
            var pad = await Screen.ShowAsync(address, token, hall, window: window);
            mine.Add(pad);
            pads[window] = (provision.Caller(token), pad);
        }
        screens.AddRange(mine);
        var dice = new Random(random.Next());
        return hours => new DayHall(hall, plan, hours, clock, ledger, dice) { Kiosk = kiosk, Holder = provision.Caller(null), Clerks = clerks, Board = mine[0], Pads = pads };
    }

    /// <summary>Each screen's last picture must be the one that is read.</summary>
    private static async Task CompareAsync(List<Screen> screens, Provision provision, Report report)
    {
        var reader = provision.Caller(null);
        // Derived values come within a second, and a machine at its limit may take some more.
        var until = Stopwatch.GetTimestamp() + 10 * Stopwatch.Frequency;
        foreach (var screen in screens)
        {
            IReadOnlyList<string> differences;
            do
            {
                using var board = JsonDocument.Parse((await reader.GetAsync($"halls/{screen.Hall}/board{(screen.Zone is null ? "" : "?zone=" + screen.Zone)}")).Body!.ToJsonString());
                differences = screen.DifferencesTo(board.RootElement);
                if (differences.Count > 0) await Task.Delay(200);
            }
            while (differences.Count > 0 && Stopwatch.GetTimestamp() < until);
            if (screen.Ended is { } why) report.Fail($"{screen.Name} lost its connection: {why}.");
            foreach (var difference in differences.Take(2)) report.Fail($"{screen.Name} does not show what is: {difference}");
            if (screen.WentBack > 0) report.Fail($"{screen.Name}: the sequence went back {screen.WentBack} times.");
        }
    }

    /// <summary>
    /// Every call and recall must have been announced once on every screen it concerns, and nothing else. Only a call that was over before it was acknowledged (its visitor cancelled in that
    /// moment) may have been told to nobody.
    /// </summary>
    private static void Announcements(List<Screen> screens, IReadOnlyList<HallStory> stories, Ledger ledger, Report report)
    {
        var steps = ledger.Placed.ToDictionary(p => (p.Step.Hall, p.Sequence), p => p.Step);
        bool WasOver(HallStory story, long call)
        {
            var next = story.Events.Skip((int)call).FirstOrDefault(e => e.Subject == story.Events[(int)call - 1].Subject);
            return next is not null && steps.TryGetValue((story.Hall, call), out var called) && steps.TryGetValue((story.Hall, next.Sequence), out var ended) && ended.Sent < called.Acknowledged;
        }
        foreach (var screen in screens)
        {
            var story = stories.Single(s => s.Hall == screen.Hall);
            var zones = ((HallConfigured)story.Events[0].Event).Document.Settings.WindowById;
            var due = story.Events.Select(e => (e.Sequence, Window: e.Event switch { TicketCalled c => c.Window, TicketRecalled r => r.Window, _ => (WindowId?)null }))
                .Where(c => c.Window is { } window && (screen.Window is null || screen.Window == window.Value) && (screen.Zone is null || zones[window].Zone?.Value == screen.Zone))
                .Select(c => c.Sequence).ToHashSet();
            var heard = screen.Announced.Select(a => a.Id).ToList();
            var twice = heard.Count - heard.Distinct().Count();
            var missing = due.Except(heard).Where(call => !WasOver(story, call)).ToList();
            var strange = heard.Except(due).Count();
            if (twice + missing.Count + strange > 0)
                report.Fail($"{screen.Name}: of {due.Count} calls {missing.Count} were not announced{(missing.Count > 0 ? $" (the first is {missing[0]})" : "")}, {twice} twice, {strange} announcements were of no call there.");
        }
    }
}
