using System.Text;
using HallOps.Core.Halls;
using HallOps.Silo.Feeds;

namespace HallOps.Silo.Tests.Engine;

/// <summary>I5 as a law: what a watcher has after any history, from the snapshot and the changes alone, is what one who comes then is shown.</summary>
public sealed class HallFeedTests
{
    private static readonly PackedDocument Town = Sample("rudong-town");
    private readonly HallState _state = new();
    private readonly HallFeed _feed = new(new HallId("rudong-town"), TimeSpan.FromSeconds(30));
    private UInt128 _nextPerson = 1;
    private Instant _now = Instant.From(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.FromHours(8)));

    public HallFeedTests() => Do(new ConfigureHall(1, Town));

    [Fact]
    public void Changes_OverRandomHistories_MakeOfTheSnapshotTheBoardOfEverySequence()
    {
        for (var seed = 1; seed <= 60; seed++)
        {
            var test = new HallFeedTests();
            try
            {
                test.RandomDay(new Random(seed));
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Seed {seed}: {e.Message}", e);
            }
        }
    }

    /// <summary>Found by the simulation: the zone's screen kept a line that no window of the zone serves any more.</summary>
    [Fact]
    public void Profile_ThatTakesALineOutOfAZone_TakesItOffItsScreen()
    {
        var zoned = _state.Settings.Windows.First(w => w.Zone is not null);
        var watcher = Watch(new Topic(TopicKind.Zone, new HallId("rudong-town"), zoned.Zone!.Value.Value));
        foreach (var window in _state.Settings.Windows.Where(w => w.Zone == zoned.Zone))
            Do(new ChangeProfile(window.Window, [new ProfileLine(zoned.Profile[0].Line, 0, 0)]));

        Assert.Equal([zoned.Profile[0].Line.Value], watcher.Lines);
        watcher.Compare(this);
    }

    /// <summary>Found on a phone: what the API answers and the feed never sends is not there.</summary>
    [Fact]
    public void Ticket_OnThePhone_HasEveryMemberThatTheApiHas()
    {
        Do(Issue(_state.Settings.Services[0].Service));
        var id = new TicketId(_state.Number, _state.LastOrdinal);
        var phone = Watch(new Topic(TopicKind.Ticket, new HallId("rudong-town"), null, id));

        var view = System.Text.Json.Nodes.JsonNode.Parse(FeedJson.Utf8(HallPicture.Ticket(_state, _now, id)))!.AsObject();
        Assert.Equal(view.Select(member => member.Key).Order(StringComparer.Ordinal), phone.Shown.Keys);
    }

    [Fact]
    public void Document_ThatTakesAWindowAway_TellsItsScreenSoAndTheHallGoesOn()
    {
        var window = _state.Settings.Windows[^1].Window;
        var screen = Watch(new Topic(TopicKind.Window, new HallId("rudong-town"), window.Value));
        var board = Watch(new Topic(TopicKind.Hall, new HallId("rudong-town")));
        var json = System.Text.Json.Nodes.JsonNode.Parse(Town.Unpack())!;
        var windows = json["windows"]!.AsArray();
        windows.RemoveAt(windows.Count - 1);
        var rows = json["calendar"]!["roster"]?.AsArray();
        foreach (var row in rows?.Where(r => r!["window"]!.GetValue<string>() == window.Value).ToList() ?? []) rows!.Remove(row);
        var without = PackedDocument.Pack(Encoding.UTF8.GetBytes(json.ToJsonString()));
        Do(new ConfigureHall(1, without));

        Assert.Equal("null", screen.Shown["window"]);
        Assert.DoesNotContain("windows/" + window.Value, board.Shown.Keys);
        board.Compare(this);
    }

    /// <summary>One number runs out of its time as another is missed: as many as before, and not the same.</summary>
    [Fact]
    public void Missed_WhenOneRunsOutAndAnotherComes_IsSentAgain()
    {
        var (one, two) = (new WindowId("1"), new WindowId("2"));
        foreach (var window in (ReadOnlySpan<WindowId>)[one, two]) Do(new OpenWindow(window, Clerk(window), null));
        var service = _state.Settings.Services.First(s => s.Line == _state.Settings.WindowById[one].Profile[0].Line).Service;
        var watcher = Watch(new Topic(TopicKind.Hall, new HallId("rudong-town")));
        Miss(service, one);
        Derived();
        _now += TimeSpan.FromMinutes(_state.Settings.Calling.ReturnMinutes) - TimeSpan.FromSeconds(70);
        Miss(service, one);
        _now += TimeSpan.FromMinutes(3);
        Derived();

        watcher.Compare(this);
    }

    /// <summary>Each window has a member of staff of its own: matters have owners.</summary>
    private Clerk Clerk(WindowId window) => new("clerk-" + window.Value, _state.Settings.Staff[_state.Settings.Windows.Index().First(w => w.Item.Window == window).Index].Staff, true);

    private void Miss(ServiceId service, WindowId window)
    {
        Do(Issue(service));
        Do(new CallNext(window, Clerk(window)));
        for (var recalls = 0; recalls < 4; recalls++)
        {
            _now += TimeSpan.FromSeconds(31);
            Do(new Recall(window, Clerk(window)));
        }
        Do(new MarkNoShow(window, Clerk(window)));
        Assert.Null(_state.Find(window)!.Present);
    }

    private void RandomDay(Random random)
    {
        var topics = new List<Topic> { new(TopicKind.Hall, new HallId("rudong-town")), new(TopicKind.Floor, new HallId("rudong-town")), new(TopicKind.Ticket, new HallId("rudong-town"), null, new TicketId(1, 2)) };
        topics.AddRange(_state.Settings.Zones.Select(z => new Topic(TopicKind.Zone, new HallId("rudong-town"), z.Zone.Value)));
        topics.AddRange(_state.Settings.Windows.Take(3).Select(w => new Topic(TopicKind.Window, new HallId("rudong-town"), w.Window.Value)));
        var watchers = new List<Watcher>();
        for (var step = 0; step < 150; step++)
        {
            _now += TimeSpan.FromMilliseconds(random.Next(20_000));
            if (random.Next(6) == 0 && Topic() is { } topic && watchers.Count < 20)
            {
                var watcher = new Watcher(topic);
                if (_feed.Watch(topic, watcher, _state, _now)) watchers.Add(watcher);
            }
            // Several commands become durable at once.
            for (var n = random.Next(1, 4); n > 0; n--) Fold(Any());
            _feed.Publish(_state, _now);
            if (random.Next(3) > 0) continue;
            Derived();
            foreach (var watcher in watchers) watcher.Compare(this);
        }

        Topic Topic() => topics[random.Next(topics.Count)];

        HallCommand Any()
        {
            var window = _state.Settings.Windows[random.Next(Math.Min(3, _state.Settings.Windows.Count))];
            var ticket = new TicketId(1, random.NextInt64(1, _state.LastOrdinal + 2));
            return random.Next(24) switch
            {
                <= 3 => Issue(_state.Settings.Services[random.Next(_state.Settings.Services.Count)].Service) with { Printed = random.Next(4) > 0, Slip = random.Next(4) == 0 ? ticket : null },
                17 => new HoldTicket(window.Window, Clerk(window.Window)),
                18 => new Transfer(window.Window, Clerk(window.Window), null, null, _state.Settings.Windows[random.Next(Math.Min(3, _state.Settings.Windows.Count))].Window, random.Next(2) == 0, random.Next(2) == 0),
                19 => new AcceptMatter(window.Window, Clerk(window.Window)),
                20 => new MarkStage(window.Window, Clerk(window.Window), Enum.GetValues<Stage>()[random.Next(Enum.GetValues<Stage>().Length)]),
                21 => random.Next(2) == 0 ? new StepAway(ticket, TimeSpan.FromMinutes(5)) : new ChangeClass(ticket, _state.Settings.Classes[random.Next(_state.Settings.Classes.Count)].Class, Grants.Manager, 70),
                22 => new FinishService(window.Window, Clerk(window.Window), random.Next(2) == 0 ? FinishOutcome.ToldOnce : FinishOutcome.Done, new TextHash(5), random.Next(1, 4)),
                23 => new ReturnAtWindow(window.Window, Clerk(window.Window), _state.Find(ticket)?.Number ?? "A001"),
                4 => new OpenWindow(window.Window, Clerk(window.Window), null),
                5 or 6 => new CallNext(window.Window, Clerk(window.Window)),
                7 => new Recall(window.Window, Clerk(window.Window)),
                8 => new StartService(window.Window, Clerk(window.Window)),
                9 => new Next(window.Window, Clerk(window.Window), FinishOutcome.Done, null),
                10 => new MarkNoShow(window.Window, Clerk(window.Window)),
                11 => random.Next(2) == 0 ? new CancelTicket(ticket) : new ReturnTicket(ticket),
                12 => random.Next(2) == 0 ? new PauseWindow(window.Window, Clerk(window.Window), PauseReason.Meal, null) : new ResumeWindow(window.Window, Clerk(window.Window)),
                13 => random.Next(2) == 0 ? new Suspend([], [], new TextHash(3), null) : new Resume([], []),
                16 => random.Next(4) == 0
                    ? new WithdrawNotice(HallPicture.Notices(_state, _now) is [{ Notice: { } oldest }, ..] ? oldest : 0)
                    : new PostNotice(new TextHash(4), random.Next(2) == 0 ? null : _state.Settings.Zones[random.Next(_state.Settings.Zones.Count)].Zone, _now + TimeSpan.FromSeconds(random.Next(1, 400))),
                14 => new RateTicket(ticket, Grade.Satisfied, [], null),
                _ => new ChangeProfile(window.Window, [.. _state.Settings.Lines.Take(random.Next(1, 3)).Select(l => new ProfileLine(l.Line, 0, 0))]),
            };
        }
    }

    private IssueTicket Issue(ServiceId service) => new(service, null, Grants.Self, null, new PersonId(_nextPerson++), TicketSource.Kiosk, true, false, null);

    private Watcher Watch(Topic topic)
    {
        var watcher = new Watcher(topic);
        Assert.True(_feed.Watch(topic, watcher, _state, _now));
        return watcher;
    }

    private void Do(HallCommand command)
    {
        Fold(command);
        _feed.Publish(_state, _now);
    }

    private void Fold(HallCommand command)
    {
        while (Hall.NextDue(_state, _now) is var (due, at)) Apply(due, at);
        foreach (var @event in Hall.Decide(_state, command, Instant.Max(_now, _state.At)).Events) Apply(@event, Instant.Max(_now, _state.At));
    }

    private void Apply(HallEvent @event, Instant at)
    {
        Hall.Evolve(_state, @event, at, _state.Sequence + 1);
        _feed.Note(@event, _state);
    }

    private void Derived() => _feed.PublishDerived(_state, _now);

    private static PackedDocument Sample(string hall) => SampleHalls.AlwaysOpen(hall);

    /// <summary>Applies every message as it comes.</summary>
    private sealed class Watcher(Topic topic) : IFeedSink
    {
        private long _sequence;

        public SortedDictionary<string, string> Shown { get; } = new(StringComparer.Ordinal);

        public IEnumerable<string> Lines => Shown.Keys.Where(k => k.StartsWith("lines/", StringComparison.Ordinal)).Select(k => k["lines/".Length..]);

        public void Post(params ReadOnlySpan<FeedMessage> messages)
        {
            foreach (var message in messages) Take(message);
        }

        private void Take(FeedMessage message)
        {
            switch (message)
            {
                case FeedSnapshot s:
                    Shown.Clear();
                    Set(s.State);
                    _sequence = s.Sequence;
                    break;
                case FeedChange c:
                    Assert.Equal(_sequence, c.From);
                    Assert.True(c.To >= c.From, $"{topic} goes back from {c.From} to {c.To}");
                    Set(c.Changes);
                    _sequence = c.To;
                    break;
            }
        }

        public void Compare(HallFeedTests test)
        {
            var now = new Watcher(topic);
            if (!test._feed.Watch(topic, now, test._state, test._now)) return;
            test._feed.Unwatch(topic, now);
            // Who is next by score may change with time alone and is sent with the line's next change.
            foreach (var key in now.Shown.Keys.Union(Shown.Keys).Where(k => k is not ("asOf" or "sequence" or "next" or "ahead" or "estimate")))
                Assert.True(now.Shown.GetValueOrDefault(key) == Shown.GetValueOrDefault(key), $"{topic} at {_sequence} shows {key} as {Shown.GetValueOrDefault(key)}, it is {now.Shown.GetValueOrDefault(key)}");
            Assert.Equal(now._sequence, _sequence);
        }

        private void Set(IReadOnlyDictionary<string, FeedValue> values)
        {
            foreach (var (key, value) in values)
            {
                if (topic.Kind is not (TopicKind.Window or TopicKind.Ticket) && key is "lines" or "windows")
                {
                    foreach (var old in Shown.Keys.Where(k => k.StartsWith(key + "/", StringComparison.Ordinal)).ToList()) Shown.Remove(old);
                    if (value.Value is IReadOnlyList<LineBoard> lines) foreach (var line in lines) Shown["lines/" + line.Line] = Text(line);
                    if (value.Value is IReadOnlyList<WindowBoard> windows) foreach (var window in windows) Shown["windows/" + window.Window] = Text(window);
                }
                else if (value.Value is null && key.Contains('/', StringComparison.Ordinal)) Shown.Remove(key);
                else Shown[key] = Text(value.Value);
            }
        }

        private static string Text(object? value) => Encoding.UTF8.GetString(FeedJson.Utf8(value));
    }
}
