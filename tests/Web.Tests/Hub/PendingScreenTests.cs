using System.Globalization;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Web.Hub;

namespace HallOps.Web.Tests.Hub;

public sealed class PendingScreenTests
{
    private static readonly HallId Hall = new("h");
    private static readonly Topic Board = new(TopicKind.Hall, Hall);
    private static readonly Topic Window = new(TopicKind.Window, Hall, "1");

    // Law: however late and however merged, what is taken leads to the same picture as every message at once, and its sequence never goes back.
    [Fact]
    public void Taken_OfAnyHistory_GivesThePictureOfAllMessages()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var pending = new PendingScreen();
            Topic[] topics = [Board, Window];
            foreach (var topic in topics) pending.Open(topic);
            var sequences = topics.ToDictionary(t => t, _ => (long)random.Next(5));
            var truth = topics.ToDictionary(t => t, _ => new Dictionary<string, object?>());
            var shown = topics.ToDictionary(t => t, _ => new Screen());
            foreach (var topic in topics) pending.Add(new FeedSnapshot(topic, sequences[topic], Values(truth[topic])), 0);

            for (var step = 0; step < 100; step++)
            {
                var topic = topics[random.Next(topics.Length)];
                switch (random.Next(10))
                {
                    case 0:
                        pending.Add(new FeedSnapshot(topic, sequences[topic], Values(truth[topic])), 0);
                        break;
                    case 1:
                        pending.Add(new FeedHeartbeat(topic, sequences[topic]), 0);
                        break;
                    case 2 or 3 or 4:
                        for (var n = random.Next(4); n > 0 && pending.TryTake(0, out var message); n--) shown[TopicOf(message)].Apply(message, seed);
                        break;
                    default:
                        var from = sequences[topic];
                        sequences[topic] += random.Next(3);
                        var changed = Enumerable.Range(0, random.Next(1, 4)).Select(_ => $"windows/{random.Next(6)}").Distinct().ToDictionary(k => k, _ => (object?)random.Next(1000));
                        foreach (var (key, value) in changed) truth[topic][key] = value;
                        pending.Add(new FeedChange(topic, from, sequences[topic], Values(changed)), 0);
                        break;
                }
            }
            while (pending.TryTake(0, out var message)) shown[TopicOf(message)].Apply(message, seed);
            foreach (var topic in topics)
            {
                Assert.True(shown[topic].Sequence == sequences[topic], $"Seed {seed}: {topic} stands at {shown[topic].Sequence} instead of {sequences[topic]}.");
                Assert.True(truth[topic].OrderBy(p => p.Key).SequenceEqual(shown[topic].Picture.OrderBy(p => p.Key)), $"Seed {seed}: {topic} shows another picture.");
            }
        }
    }

    [Fact]
    public void Gap_IsKeptAlone_SoThatTheScreenWatchesAgain()
    {
        var pending = Opened(5);
        pending.Add(Change(5, 6, "a"), 0);
        pending.Add(Change(8, 9, "b"), 0);
        Assert.IsType<FeedSnapshot>(Take(pending));
        var change = Assert.IsType<FeedChange>(Take(pending));
        Assert.Equal((8, 9), (change.From, change.To));
        Assert.Equal(["b"], change.Changes.Keys);
    }

    [Fact]
    public void Snapshot_ReplacesWhatWasPendingOfItsTopic_AndAnOlderOneIsNothing()
    {
        var pending = Opened(5);
        pending.Add(Change(5, 6, "a"), 0);
        pending.Add(new FeedSnapshot(Board, 6, Values([])), 0);
        pending.Add(new FeedSnapshot(Board, 5, Values([])), 0);
        pending.Add(Change(5, 6, "a"), 0);
        Assert.Equal(6, Assert.IsType<FeedSnapshot>(Take(pending)).Sequence);
        Assert.False(pending.TryTake(0, out _));
    }

    [Fact]
    public void Changes_BeforeTheSnapshot_OrOfATopicNotWatched_AreNothing()
    {
        var pending = new PendingScreen();
        pending.Open(Board);
        pending.Add(Change(1, 2, "a"), 0);
        pending.Add(new FeedHeartbeat(Board, 2), 0);
        pending.Add(new FeedSnapshot(Window, 1, Values([])), 0);
        Assert.False(pending.TryTake(0, out _));
    }

    [Fact]
    public void Heartbeats_AreOne_AndNeverBehindWhatWasSent()
    {
        var pending = Opened(5);
        Take(pending);
        pending.Add(new FeedHeartbeat(Board, 5), 0);
        pending.Add(new FeedHeartbeat(Board, 5), 0);
        pending.Add(Change(5, 7, "a"), 0);
        Assert.IsType<FeedChange>(Take(pending));
        Assert.Equal(7, Assert.IsType<FeedHeartbeat>(Take(pending)).Sequence);
        Assert.False(pending.TryTake(0, out _));
    }

    [Fact]
    public void Announcements_AreKeptUntilTheyExpire_TheNewest256_EachOnce()
    {
        var pending = Opened(0);
        for (var id = 1; id <= 300; id++)
        {
            pending.Add(Call(id), 10);
            pending.Add(Call(id), 10);
        }
        var taken = new List<long>();
        while (pending.TryTake(9, out var message))
            if (message is FeedAnnouncement call) taken.Add(call.Id);
        Assert.Equal(Enumerable.Range(45, PendingScreen.MaxAnnouncements).Select(i => (long)i), taken);

        pending.Add(Call(301), 10);
        pending.Add(Call(302), 12);
        Assert.Equal(302, Assert.IsType<FeedAnnouncement>(Take(pending, now: 10)).Id);
        Assert.False(pending.TryTake(10, out _));
    }

    [Fact]
    public void MergedChange_NeverChangesTheOneThatOthersGet()
    {
        var shared = Change(5, 6, "a");
        var pending = Opened(5);
        Take(pending);
        pending.Add(shared, 0);
        pending.Add(Change(6, 7, "b"), 0);
        var merged = Assert.IsType<FeedChange>(Take(pending));
        Assert.Equal((5, 7), (merged.From, merged.To));
        Assert.Equal(["a", "b"], merged.Changes.Keys.Order());
        Assert.Equal(["a"], shared.Changes.Keys);
    }

    [Fact]
    public void Closed_Topic_SendsNothingMore()
    {
        var pending = Opened(5);
        pending.Add(Change(5, 6, "a"), 0);
        pending.Close(Board);
        pending.Add(Change(6, 7, "a"), 0);
        Assert.False(pending.TryTake(0, out _));
    }

    private static PendingScreen Opened(long sequence)
    {
        var pending = new PendingScreen();
        pending.Open(Board);
        pending.Add(new FeedSnapshot(Board, sequence, Values([])), 0);
        return pending;
    }

    private static FeedMessage Take(PendingScreen pending, long now = 0) => pending.TryTake(now, out var message) ? message : throw new InvalidOperationException("Nothing was pending.");

    private static FeedChange Change(long from, long to, string key) => new(Board, from, to, Values(new() { [key] = to }));

    private static FeedAnnouncement Call(long id) => new(Hall, null, id, id.ToString(CultureInfo.InvariantCulture), "1", 1, DateTimeOffset.UnixEpoch);

    private static Dictionary<string, FeedValue> Values(Dictionary<string, object?> values) => values.ToDictionary(p => p.Key, p => new FeedValue(p.Value));

    private static Topic TopicOf(FeedMessage message) => message switch { FeedSnapshot m => m.Topic, FeedChange m => m.Topic, FeedHeartbeat m => m.Topic, _ => throw new InvalidOperationException() };

    private sealed class Screen
    {
        public long Sequence { get; private set; } = -1;
        public Dictionary<string, object?> Picture { get; } = [];

        public void Apply(FeedMessage message, int seed)
        {
            var to = message switch { FeedSnapshot m => m.Sequence, FeedChange m => m.To, FeedHeartbeat m => m.Sequence, _ => 0 };
            Assert.True(to >= Sequence, $"Seed {seed}: the sequence went back from {Sequence} to {to}.");
            if (message is FeedSnapshot snapshot)
            {
                Picture.Clear();
                foreach (var (key, value) in snapshot.State) Picture[key] = value.Value;
            }
            if (message is FeedChange change)
            {
                Assert.True(change.From == Sequence, $"Seed {seed}: a change from {change.From} came to a screen at {Sequence}.");
                foreach (var (key, value) in change.Changes) Picture[key] = value.Value;
            }
            Sequence = to;
        }
    }
}
