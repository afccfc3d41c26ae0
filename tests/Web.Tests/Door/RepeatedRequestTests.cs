using System.Collections.Concurrent;
using HallOps.Silo;

namespace HallOps.Web.Tests.Door;

/// <summary>A key says that a request is the same one again: QUALITY.md, F12 and F14.</summary>
public sealed class RepeatedRequestTests
{
    private const string Tickets = "/api/v1/halls/h/tickets";
    private const string Window = "/api/v1/halls/h/windows/1";

    [Fact]
    public async Task Issue_WithTheSameKey_GivesTheSameTicket_AndWithAnotherBodyIs422()
    {
        await using var host = await DoorHost.StartAsync();
        using var client = host.As(null);
        var key = Guid.NewGuid().ToString();
        var first = await client.PostAsync(Tickets, """{"service":"s"}""", key).JsonAsync(201);
        var again = await client.PostAsync(Tickets, """{"service":"s"}""", key).JsonAsync(201);
        Assert.Equal(first.GetRawText(), again.GetRawText());
        await client.PostAsync(Tickets, """{"service":"s" }""", key).ProblemAsync(422, "KeyReused");
    }

    [Fact]
    public async Task Key_OfSomebodyElse_IsAnotherKey()
    {
        await using var host = await DoorHost.StartAsync();
        const string key = "the same key of sixteen";
        var tickets = new List<string>();
        foreach (var name in new[] { null, "kiosk@h", "guide@h", "clerk@h" })
        {
            using var client = host.As(name);
            tickets.Add((await client.PostAsync(Tickets, """{"service":"s"}""", key).JsonAsync(201)).GetProperty("id").GetString()!);
        }
        Assert.Equal(tickets.Count, tickets.Distinct().Count());
    }

    [Fact]
    public async Task Person_AtTwoKiosks_HasOneLiveNumberAndIsToldWhich()
    {
        await using var host = await DoorHost.StartAsync();
        using var kiosk = host.As("kiosk@h");
        using var phone = host.As(null);
        var ticket = await kiosk.PostAsync(Tickets, """{"service":"s","idNumber":"11010519491231002X"}""").JsonAsync(201);
        var refused = await kiosk.PostAsync(Tickets, """{"service":"s","idNumber":"11010519491231002x"}""").ProblemAsync(409, "AlreadyWaiting");
        Assert.Equal(ticket.GetProperty("number").GetString(), refused.GetProperty("number").GetString());
        Assert.Equal(ticket.GetProperty("id").GetString(), refused.GetProperty("id").GetString());

        await phone.PostAsync(Tickets, """{"service":"s","phone":"138 0013 8000"}""").JsonAsync(201);
        var stranger = await phone.PostAsync(Tickets, """{"service":"s","phone":"13800138000"}""").ProblemAsync(409, "AlreadyWaiting");
        Assert.False(stranger.TryGetProperty("number", out _), "A stranger's number is told to whoever knows the telephone number.");
        Assert.False(stranger.TryGetProperty("id", out _));
    }

    [Fact]
    public async Task F14_AnswerLostAfterTheCommit_IsGivenAgain_WithOneAnnouncement()
    {
        LosesAnswers? losing = null;
        await using var host = await DoorHost.StartAsync(halls => losing = new LosesAnswers(halls));
        using var kiosk = host.As("kiosk@h");
        using var clerk = host.As("clerk@h");
        await clerk.PostAsync($"{Window}/open").JsonAsync();
        var told = new Told();
        using var watching = await host.Halls.WatchAsync(new Topic(TopicKind.Hall, DoorHost.Hall), told, TestContext.Current.CancellationToken);

        losing!.Lose = 1;
        await kiosk.PostAsync(Tickets, """{"service":"s"}""", "issue once").ProblemAsync(503, "OutcomeUnknown");
        var issued = await kiosk.PostAsync(Tickets, """{"service":"s"}""", "issue once").JsonAsync(201);
        Assert.Equal("A001", issued.GetProperty("number").GetString());

        losing.Lose = 1;
        await clerk.PostAsync($"{Window}/call-next", null, "call once").ProblemAsync(503, "OutcomeUnknown");
        var called = await clerk.PostAsync($"{Window}/call-next", null, "call once").JsonAsync();
        Assert.Equal("A001", called.GetProperty("number").GetString());
        Assert.Equal(1, called.GetProperty("times").GetInt32());
        Assert.Single(told.Messages.OfType<FeedAnnouncement>());
    }

    [Theory]
    [InlineData(AnswerStatus.NotRecorded)]
    [InlineData(AnswerStatus.OutcomeUnknown)]
    [InlineData(AnswerStatus.HallBusy)]
    [InlineData(AnswerStatus.JournalUnavailable)]
    [InlineData(AnswerStatus.Quarantined)]
    [InlineData(AnswerStatus.NotOwner)]
    public async Task Hall_ThatCannotNow_Is503WithRetryAfter(AnswerStatus status)
    {
        await using var host = await DoorHost.StartAsync(halls => new LosesAnswers(halls) { Instead = status });
        using var kiosk = host.As("kiosk@h");
        ((LosesAnswers)host.Halls).Lose = 1;
        using var response = await kiosk.PostAsync(Tickets, """{"service":"s"}""");
        Assert.NotNull(response.Headers.RetryAfter?.Delta);
        await Task.FromResult(response).ProblemAsync(503, status.ToString());
    }

    private sealed class LosesAnswers(IHalls halls) : IHalls
    {
        public int Lose { get; set; }
        public AnswerStatus Instead { get; init; } = AnswerStatus.OutcomeUnknown;

        public async ValueTask<HallAnswer> SendAsync(Core.Halls.HallId hall, HallRequest request, CancellationToken cancel = default)
        {
            var answer = await halls.SendAsync(hall, request, cancel);
            return Lose-- > 0 ? HallAnswer.Failed(Instead) : answer;
        }

        public ValueTask<T?> ReadAsync<T>(Core.Halls.HallId hall, HallQuery<T> query, CancellationToken cancel = default) => halls.ReadAsync(hall, query, cancel);
        public ValueTask<IDisposable?> WatchAsync(Topic topic, IFeedSink sink, CancellationToken cancel = default) => halls.WatchAsync(topic, sink, cancel);
        public IReadOnlyCollection<HallRef> Halls => halls.Halls;
        public HallRef? Find(Core.Halls.HallId hall) => halls.Find(hall);
        public HallRef? Find(uint number) => halls.Find(number);
        public IReadOnlyList<string> Problems => halls.Problems;
    }

    private sealed class Told : IFeedSink
    {
        public ConcurrentQueue<FeedMessage> Messages { get; } = [];

        public void Post(params ReadOnlySpan<FeedMessage> messages)
        {
            foreach (var message in messages) Messages.Enqueue(message);
        }
    }
}
