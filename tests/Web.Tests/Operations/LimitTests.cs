using System.Collections.Concurrent;
using System.Net;
using HallOps.Core.Halls;
using HallOps.Silo.Journal;
using HallOps.Web.Tests.Door;
using HallOps.Web.Tests.Hub;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace HallOps.Web.Tests.Operations;

/// <summary>What the server does when it is asked too much, too large, or when its disk is full.</summary>
public sealed class LimitTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Issue_TheSixtyFirstTimeInAMinuteFromAnAddress_HasToWait_ButNotForThoseWhoAreSignedIn()
    {
        await using var server = await RunningServer.StartAsync(limitsOff: false);
        await server.SetUpAsync();
        await server.AddHallAsync("h");
        using var visitor = server.Client();
        // A wrong try counts as well.
        for (var i = 0; i < 60; i++) await visitor.PostAsync("halls/h/tickets", """{"service":"none"}""").ProblemAsync(400, "UnknownService");
        using (var late = await visitor.PostAsync("halls/h/tickets", """{"service":"s"}"""))
        {
            Assert.Equal((HttpStatusCode.TooManyRequests, "TooManyRequests"), (late.StatusCode, await RunningServer.CodeOf(late)));
            Assert.InRange(late.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        }
        await visitor.GetAsync("halls/h/board", Cancel).JsonAsync();
        using var admin = await server.SignInAsync();
        await admin.PostAsync("halls/h/tickets", """{"service":"s"}""").JsonAsync(201);
    }

    [Fact]
    public async Task Account_ThatAsksMoreThanFiftyTimesASecond_HasToWait()
    {
        await using var server = await RunningServer.StartAsync(limitsOff: false);
        await server.SetUpAsync();
        using var admin = await server.SignInAsync();
        using var visitor = server.Client();
        var answers = await Task.WhenAll(Enumerable.Range(0, 250).Select(_ => admin.GetAsync("halls", Cancel)));
        var late = answers.First(a => a.StatusCode != HttpStatusCode.OK);
        Assert.Equal((HttpStatusCode.TooManyRequests, "TooManyRequests"), (late.StatusCode, await RunningServer.CodeOf(late)));
        Assert.Equal(1, late.Headers.RetryAfter!.Delta!.Value.TotalSeconds);
        Assert.InRange(answers.Count(a => a.StatusCode == HttpStatusCode.OK), 50, 249);
        await visitor.GetAsync("halls", Cancel).JsonAsync();
        foreach (var answer in answers) answer.Dispose();
    }

    [Fact]
    public async Task Body_TooLarge_Is413()
    {
        await using var server = await RunningServer.StartAsync();
        await server.SetUpAsync();
        await server.AddHallAsync("h");
        using var admin = await server.SignInAsync();
        await admin.PostAsync("halls/h/tickets", $$"""{"service":"{{new string('s', 100_000)}}"}""").ProblemAsync(413, "TooLarge");
        // Who asks first is told before it sends; one who does not may find the connection closed while sending.
        admin.DefaultRequestHeaders.ExpectContinue = true;
        await admin.SendAsync(HttpMethod.Put, "halls/h/config", new string(' ', HallDocument.MaxBytes + 1)).ProblemAsync(413, "TooLarge");
        admin.DefaultRequestHeaders.ExpectContinue = false;
        await admin.SendAsync(HttpMethod.Put, "halls/h/config", RunningServer.Document("h") + new string(' ', 100_000)).JsonAsync();
    }

    [Fact]
    public async Task F4_DiskFull_AcknowledgesNothing_SaysSo_AndRecoversByItself()
    {
        const int SqliteFull = 13;
        var full = false;
        await using var server = await RunningServer.StartAsync(change: services => services.AddSingleton(new SqliteJournalOptions
        {
            Step = step =>
            {
                if (Volatile.Read(ref full) && step is (SqliteStep.Commit or SqliteStep.Probe)) throw new SqliteException("database or disk is full", SqliteFull);
            },
        }));
        await server.SetUpAsync();
        await server.AddHallAsync("h");
        using var visitor = server.Client();
        var health = new Uri(server.Address, "/health");
        await visitor.PostAsync("halls/h/tickets", """{"service":"s"}""", "key-of-the-first-one").JsonAsync(201);
        await visitor.GetAsync(health, Cancel).JsonAsync();

        Volatile.Write(ref full, true);
        await visitor.PostAsync("halls/h/tickets", """{"service":"s"}""", "key-of-the-second-one").ProblemAsync(503, "JournalUnavailable");
        using (var refused = await visitor.PostAsync("halls/h/tickets", """{"service":"s"}""", "key-of-the-second-one"))
        {
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "JournalUnavailable"), (refused.StatusCode, await RunningServer.CodeOf(refused)));
            Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        }
        var unhealthy = await visitor.GetAsync(health, Cancel).JsonAsync(503);
        Assert.Contains("full", unhealthy.GetProperty("problems")[0].GetString(), StringComparison.Ordinal);
        await visitor.GetAsync(new Uri(server.Address, "/alive"), Cancel).JsonAsync();
        Assert.Equal(1, (await visitor.GetAsync("halls/h/board", Cancel).JsonAsync()).GetProperty("lines")[0].GetProperty("waiting").GetInt32());

        Volatile.Write(ref full, false);
        await UntilHealthyAsync(visitor, health);
        var issued = await visitor.PostAsync("halls/h/tickets", """{"service":"s"}""", "key-of-the-second-one").JsonAsync(201);
        Assert.Equal("A002", issued.GetProperty("number").GetString());
    }

    [Fact]
    public async Task Hub_CallThatIsRefused_IsNoErrorOfOurs()
    {
        var log = new Lines();
        await using var server = await RunningServer.StartAsync(change: services => services.AddSingleton<ILoggerProvider>(log));
        await using var hub = HubClient.Connect(server.Address);
        await hub.StartAsync(Cancel);
        var refused = await Assert.ThrowsAsync<HubException>(() => hub.InvokeAsync("WatchHall", "nowhere", Cancel));
        Assert.Contains("UnknownHall: ", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(log.Written, line => line.Level >= LogLevel.Warning && line.Text.Contains("WatchHall", StringComparison.Ordinal));
    }

    private static async Task UntilHealthyAsync(HttpClient client, Uri health)
    {
        // The store is tried once a second of real time.
        using var late = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        late.CancelAfter(TimeSpan.FromSeconds(15));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            using (var answer = await client.GetAsync(health, late.Token))
                if (answer.IsSuccessStatusCode) return;
            await timer.WaitForNextTickAsync(late.Token);
        }
    }

    private sealed class Lines : ILoggerProvider
    {
        public ConcurrentQueue<(LogLevel Level, string Text)> Written { get; } = new();

        public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

        public void Dispose() { }

        private sealed class Logger(Lines lines, string category) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
                lines.Written.Enqueue((logLevel, $"{category}: {formatter(state, exception)}"));
        }
    }
}
