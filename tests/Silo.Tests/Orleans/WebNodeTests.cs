using HallOps.Core.Halls;
using HallOps.Silo.Feeds;
using HallOps.Silo.Journal;
using HallOps.Silo.Orleans;
using HallOps.Silo.Tests.Engine;
using HallOps.Silo.Tests.Journal;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Core.Internal;
using Orleans.Runtime;
using global::Orleans;

namespace HallOps.Silo.Tests.Orleans;

/// <summary>A node that runs no halls, apart from the silo that does: what it is told is what the silo itself tells.</summary>
public sealed class WebNodeTests : IAsyncLifetime
{
    private static readonly HallId Town = new("rudong-town");
    private static readonly WindowId Window = new("1");
    private static readonly Clerk Clerk = new("li", null, false);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly TestFolder _folder = new();
    private SqliteJournal _journal = null!;
    private OrleansHalls _silo = null!;
    private OrleansHalls _web = null!;

    private static PackedDocument Document { get; } = SampleHalls.AlwaysOpen("rudong-town");

    private static IssueTicket Issue { get; } = new(Document.Settings.Services.First(s => s.Line.Value == "livelihood").Service, null, Grants.Self, null, null, TicketSource.Kiosk, null, false, null);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var (silo, gateway) = Ports.Free();
        var place = new OrleansOptions(Redis: null) { SiloPort = silo, GatewayPort = gateway };
        _journal = SqliteJournal.Open(_folder.At);
        _silo = await OrleansHalls.OpenSiloAsync(place, _journal, new HallClock(TimeProvider.System), EngineOptions.Default, NullLoggerFactory.Instance, cancel: Cancel);
        _web = await OrleansHalls.OpenWebAsync(place, NullLoggerFactory.Instance, Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        await _silo.DisposeAsync();
        await _journal.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task WebNode_SendsReadsAndWatches_AsTheSiloDoes()
    {
        var configured = await Send(new ConfigureHall(0, Document));
        Assert.Equal((AnswerStatus.Done, true), (configured.Status, ((ConfiguredReply)configured.Reply!).Created));
        Assert.NotNull(_web.Find(Town));
        await Until(() => _silo.Find(Town) == _web.Find(Town), "the other node to hear of the new hall");
        var refused = await Send(new CallNext(Window, Clerk));
        Assert.Equal((AnswerStatus.Refused, RefusalCode.WindowNotOpen), (refused.Status, refused.Refusal!.Code));
        await Send(new OpenWindow(Window, Clerk, null));

        var first = (IssuedReply)(await Send(Issue, key: 7)).Reply!;
        Assert.True((await Send(Issue, key: 7)).Repeated);
        Topic[] topics = [new(TopicKind.Hall, Town), new(TopicKind.Floor, Town), new(TopicKind.Window, Town, "1"), new(TopicKind.Ticket, Town, null, first.Id)];
        var (near, far) = (new RecordingSink(), new RecordingSink());
        var announced = far.Next(m => m is FeedAnnouncement);
        foreach (var topic in topics)
        {
            Assert.NotNull(await _silo.WatchAsync(topic, near, Cancel));
            Assert.NotNull(await _web.WatchAsync(topic, far, Cancel));
        }
        Assert.Null(await _web.WatchAsync(new Topic(TopicKind.Window, Town, "99"), far, Cancel));
        await Send(Issue);
        await Send(new CallNext(Window, Clerk));
        await announced.WaitAsync(Patience, Cancel);
        var ended = far.Next(m => m is FeedChange { Topic.Kind: TopicKind.Window } change && Text(change.Changes["state"]).Contains("serving", StringComparison.Ordinal));
        await Send(new StartService(Window, Clerk));
        await ended.WaitAsync(Patience, Cancel);

        foreach (var topic in topics)
        {
            var (here, there) = (Told(near, topic), Told(far, topic));
            Assert.NotEmpty(there);
            Assert.Equal(here, there);
        }
        await Compare(new ReadHall());
        await Compare(new ReadTicket(first.Id));
        await Compare(new ReadNumber("M001"));
        await Compare(new ReadFrequent(3));
        await Compare(new ReadDate());
        await Compare(new ReadSlots(Issue.Service, null));
        await Compare(new ReadHolder(first.Id));
        await Compare(new ReadListing());
        var config = (await _web.ReadAsync(Town, new ReadConfig(), Cancel))!;
        Assert.Equal(Document, config.Document);
        Assert.Equal(Document.Settings.Services.Count, config.Settings.Services.Count);
    }

    [Fact]
    public async Task WebNode_ManyScreensOfOneTopic_AreToldAlikeAndAHallGivenUpGoesOn()
    {
        await Send(new ConfigureHall(0, Document));
        await Send(new OpenWindow(Window, Clerk, null));
        var topic = new Topic(TopicKind.Hall, Town);
        var sinks = new List<RecordingSink>();
        var watches = new List<IDisposable?>();
        // They come while numbers are issued: each must be in step from its own snapshot on.
        var issuing = Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++) await Send(Issue);
        }, Cancel);
        for (var i = 0; i < 40; i++)
        {
            sinks.Add(new RecordingSink());
            watches.Add(await _web.WatchAsync(topic, sinks[^1], Cancel));
            await Task.Delay(2, Cancel);
        }
        await issuing;
        var last = (await _web.ReadAsync(Town, new ReadBoard(), Cancel))!.Sequence;
        await Until(() => sinks.TrueForAll(s => s.InStep() == last), $"all screens at {last}");

        // The hall is given up where it is: the node sees that its lease ended, and asks anew.
        var again = sinks[0].Next(m => m is FeedSnapshot);
        await _silo.Grains.GetGrain<IGrainManagementExtension>(_silo.Grains.GetGrain<IHallGrain>(Town.Value).GetGrainId()).DeactivateOnIdle();
        await again.WaitAsync(Patience, Cancel);
        await Send(Issue);
        await Until(() => sinks.TrueForAll(s => s.InStep() == last + 1), "all screens in step after the hall moved");
        foreach (var watch in watches) watch!.Dispose();
        var heard = sinks.Sum(s => s.Messages.Count);
        await Send(Issue);
        Assert.Equal(heard, sinks.Sum(s => s.Messages.Count));
    }

    private static async Task Until(Func<bool> isSo, string what)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!isSo())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience, $"expected {what}");
            await Task.Delay(5, Cancel);
        }
    }

    private static List<string> Told(RecordingSink sink, Topic topic) => [.. sink.Messages.Select(m => m switch
    {
        FeedSnapshot s when s.Topic == topic => $"{s.Sequence}: {Words(s.State.Where(p => p.Key != "asOf"))}",
        FeedChange c when c.Topic == topic && c.From < c.To => $"{c.From}-{c.To}: {Words(c.Changes)}",
        _ => "",
    }).Where(t => t.Length > 0)];

    private static string Words(IEnumerable<KeyValuePair<string, FeedValue>> members) => string.Join(' ', members.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => p.Key + Text(p.Value)));

    private static string Text(FeedValue value) => System.Text.Encoding.UTF8.GetString(value.Json.Span);

    private async Task Compare<T>(HallQuery<T> query)
    {
        var (near, far) = (await _silo.ReadAsync(Town, query, Cancel), await _web.ReadAsync(Town, query, Cancel));
        Assert.Equal(FeedJson.Utf8(near), FeedJson.Utf8(far));
    }

    private async Task<HallAnswer> Send(HallCommand command, UInt128 key = default) =>
        await _web.SendAsync(Town, new HallRequest(command, "test", key)).AsTask().WaitAsync(Patience, Cancel);
}
