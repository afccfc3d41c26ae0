using System.Text;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Web.Halls;
using HallOps.Web.Tests.Door;
using Microsoft.Extensions.DependencyInjection;

namespace HallOps.Web.Tests.Halls;

/// <summary>A document looked at over HTTP: what <c>hall import --check</c> would print, and nothing changed.</summary>
public sealed class DocumentCheckTests
{
    private const string Check = "/api/v1/halls/h/config/check";

    [Fact]
    public async Task Check_SaysWhatWouldChange_AndWhoIsInTheWay_AndChangesNothing()
    {
        await using var host = await ServerHost.StartAsync();
        using var admin = host.As("admin@h");
        using var guide = host.As("guide@h");
        var before = await VersionAsync(host);
        var document = DoorHost.Document(DoorHost.Hall);

        Assert.Equal((0, 0), Counts(await admin.PostAsync(Check, document).JsonAsync()));
        var moved = document.Replace("\"line\": \"a\", \"kind\": \"immediate\"", "\"line\": \"b\", \"kind\": \"immediate\"", StringComparison.Ordinal);
        Assert.Equal("~ service s: line", (await admin.PostAsync(Check, moved).JsonAsync()).GetProperty("changes")[0].GetString());
        var number = (await guide.PostAsync("/api/v1/halls/h/tickets", """{"service":"s"}""").JsonAsync(201)).GetProperty("number").GetString()!;
        Assert.Contains((await admin.PostAsync(Check, moved).JsonAsync()).GetProperty("changes").EnumerateArray(), c => c.GetString()!.StartsWith($"> {number}: from line a to line b", StringComparison.Ordinal));

        var gone = document.Replace("{\"service\": \"s\",", "{\"service\": \"new\",", StringComparison.Ordinal);
        Assert.Contains(number, (await admin.PostAsync(Check, gone).JsonAsync()).GetProperty("problems")[0].GetString()!, StringComparison.Ordinal);
        var wrong = document.Replace("\"prefix\": \"A\"", "\"prefix\": \"a\"", StringComparison.Ordinal);
        Assert.StartsWith("lines[0].prefix", (await admin.PostAsync(Check, wrong).JsonAsync()).GetProperty("problems")[0].GetString()!, StringComparison.Ordinal);
        foreach (var none in new[] { "{", "[]", "{\"hall\":\"\\ud800\"}" }) Assert.NotEqual(0, Counts(await admin.PostAsync(Check, none).JsonAsync()).Problems);
        Assert.Equal(before, await VersionAsync(host));
    }

    [Fact]
    public async Task Check_OfAnotherHallsDocument_TellsNothingOfThatHall()
    {
        await using var host = await ServerHost.StartAsync();
        using var admin = host.As("admin@h");
        var told = await admin.PostAsync(Check, DoorHost.Document(DoorHost.Other)).JsonAsync();
        Assert.Equal((0, 1), Counts(told));
        Assert.Equal("hall: must be h, the hall of the address, was o", told.GetProperty("problems")[0].GetString());
    }

    [Fact]
    public async Task Elsewhere_NamesHallsWithTheSameService_WhereAWindowServesIt()
    {
        await using var host = await ServerHost.StartAsync(services => services.AddSingleton<TimeProvider>(new Later()));
        var halls = host.App.Services.GetRequiredService<IHalls>();
        foreach (var hall in new[] { DoorHost.Hall, DoorHost.Other })
        {
            var document = DoorHost.Document(hall).Replace("{\"service\": \"s\",", "{\"service\": \"s\", \"code\": \"A-1\",", StringComparison.Ordinal);
            var packed = PackedDocument.Pack(HallDocument.Minify(Encoding.UTF8.GetBytes(document)));
            var answer = await halls.SendAsync(hall, new HallRequest(new ConfigureHall(halls.Find(hall)!.Value.Number, packed), "test"), TestContext.Current.CancellationToken);
            await host.App.Services.GetRequiredService<IHallList>().HasAsync(halls.Find(hall)!.Value.Number, answer.Sequence, TestContext.Current.CancellationToken);
        }
        using var visitor = host.As(null);
        using var clerk = host.As("manager@o");
        Assert.Empty((await AskAsync("s")).EnumerateArray());
        Assert.Empty((await AskAsync("t")).EnumerateArray());
        await clerk.PostAsync("/api/v1/halls/o/windows/1/open", "{}").JsonAsync();
        // What was asked a moment ago is told again; after that it is looked up anew.
        ((Later)host.App.Services.GetRequiredService<TimeProvider>()).Pass(TimeSpan.FromSeconds(21));
        var found = Assert.Single((await AskAsync("s")).EnumerateArray());
        Assert.Equal(("o", "s", 0), (found.GetProperty("hall").GetString(), found.GetProperty("service").GetString(), found.GetProperty("waiting").GetInt32()));
        await visitor.GetAsync(new Uri("/api/v1/halls/h/elsewhere?service=none", UriKind.Relative), TestContext.Current.CancellationToken).ProblemAsync(400, "UnknownService");
        await visitor.GetAsync(new Uri("/api/v1/halls/h/elsewhere", UriKind.Relative), TestContext.Current.CancellationToken).ProblemAsync(400, "BadField");
        await visitor.GetAsync(new Uri("/api/v1/halls/none/elsewhere?service=s", UriKind.Relative), TestContext.Current.CancellationToken).ProblemAsync(404, "UnknownHall");

        Task<System.Text.Json.JsonElement> AskAsync(string service) =>
            visitor.GetAsync(new Uri($"/api/v1/halls/h/elsewhere?service={service}", UriKind.Relative), TestContext.Current.CancellationToken).JsonAsync();
    }

    private static (int Changes, int Problems) Counts(System.Text.Json.JsonElement told) => (told.GetProperty("changes").GetArrayLength(), told.GetProperty("problems").GetArrayLength());

    private static async Task<string> VersionAsync(ServerHost host) =>
        (await host.App.Services.GetRequiredService<IHalls>().ReadAsync(DoorHost.Hall, new ReadConfig(), TestContext.Current.CancellationToken))!.Document.Version.ToString();

    /// <summary>The system's time, ticks that a test lets pass beside it.</summary>
    private sealed class Later : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => System.GetElapsedTime(0).Ticks + Interlocked.Read(ref _ticks);

        public void Pass(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);
    }
}
