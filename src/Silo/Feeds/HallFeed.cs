using System.Runtime.InteropServices;
using HallOps.Core.Halls;

namespace HallOps.Silo.Feeds;

/// <summary>
/// What a hall sends to those who watch it. Passive, on the hall's turn, from the confirmed picture only. All who watch one topic get the very same messages, so values are
/// made and serialised once. A topic's sequence is that of the last event that changed its picture: a snapshot of later sequences is the same picture.
/// </summary>
/// <param name="announceFor">How long an announcement may be spoken, on the hall's clock: 30 real seconds.</param>
public sealed class HallFeed(HallId hall, TimeSpan announceFor)
{
    private static readonly string[] WindowMemberNames = ["window", "name", "zone", "state", "ticket", "staff", "lines", "reason", "reopensAt", "goTo", "alsoFor", "rating"];

    private readonly Dictionary<Topic, TopicFeed> _topics = [];
    private readonly Dirty _dirty = new();
    private readonly List<FeedMessage> _together = [];

    public bool IsWatched => _topics.Count > 0;

    /// <summary>Whether events were noted that are not sent yet.</summary>
    public bool HasNews => _dirty.Any;

    /// <summary>Sends the snapshot and what may still be announced; false for a part of the hall that does not exist.</summary>
    public bool Watch(Topic topic, IFeedSink sink, HallState state, Instant now)
    {
        if (!Exists(topic, state)) return false;
        if (!_topics.TryGetValue(topic, out var feed)) _topics.Add(topic, feed = new TopicFeed(topic, state.Sequence));
        feed.Sinks.Add(sink);
        Show(feed, [sink], state, now);
        return true;
    }

    public void Unwatch(Topic topic, IFeedSink sink)
    {
        if (!_topics.TryGetValue(topic, out var feed)) return;
        feed.Sinks.Remove(sink);
        if (feed.Sinks.Count == 0) _topics.Remove(topic);
    }

    /// <summary>Everybody gets a new snapshot: after a reload.</summary>
    public void Restart(HallState state, Instant now)
    {
        _dirty.Clear();
        foreach (var feed in _topics.Values.ToList())
        {
            if (!Exists(feed.Topic, state)) continue;
            feed.Sequence = state.Sequence;
            Show(feed, feed.Sinks, state, now);
        }
    }

    /// <summary>Notes an event that has just been folded into the state, durable or not: it is sent once it is.</summary>
    public void Note(HallEvent @event, HallState state) => _dirty.Note(@event, state);

    /// <summary>Sends what the events noted since the last time changed, all of them durable.</summary>
    public void Publish(HallState state, Instant now)
    {
        if (!_dirty.Any) return;
        var values = new Values(state, now);
        foreach (var feed in _topics.Values)
        {
            if (_dirty.Everything || (_dirty.Profiles && feed.Topic.Kind == TopicKind.Zone))
            {
                // A visit that has left the hall's state has no picture any more; its last one stays.
                if (feed.Topic.Kind == TopicKind.Ticket && !Exists(feed.Topic, state)) continue;
                // Lines or windows may have come or gone, which no value by key can say.
                feed.Sequence = state.Sequence;
                Show(feed, feed.Sinks, state, now);
                continue;
            }
            _together.Clear();
            var changes = Changes(feed, values);
            if (changes.Count > 0)
            {
                _together.Add(new FeedChange(feed.Topic, feed.Sequence, state.Sequence, changes));
                feed.Sequence = state.Sequence;
                if (changes.TryGetValue("missed", out var missed)) feed.MissedShown = Missed(missed);
            }
            if (feed.Topic.Kind is TopicKind.Hall or TopicKind.Zone or TopicKind.Window)
                foreach (var (ticket, id) in _dirty.Announced)
                    if (Announce(feed.Topic, ticket, id, state) is { } announcement) _together.Add(announcement);
            if (_together.Count > 0) Post(feed, CollectionsMarshal.AsSpan(_together));
        }
        _dirty.ClearSent();
    }

    /// <summary>Sends what only time and other people's visits changed: places and estimates of phones, the floor's tickets, missed numbers. Once a second at most.</summary>
    public void PublishDerived(HallState state, Instant now)
    {
        var values = new Values(state, now);
        foreach (var feed in _topics.Values)
        {
            Dictionary<string, FeedValue>? changes = null;
            switch (feed.Topic.Kind)
            {
                case TopicKind.Ticket when state.Find(feed.Topic.Ticket) is { State: TicketState.Issued or TicketState.Waiting or TicketState.Away or TicketState.Missed or TicketState.Held } ticket
                    && (_dirty.Joined.Contains(ticket.Leg.Line) || ticket.Beside.Any(leg => _dirty.Joined.Contains(leg.Line))):
                    changes = TicketMembers(feed.Topic.Ticket, values);
                    break;
                case TopicKind.Floor when _dirty.Floor:
                    changes = new() { ["tickets"] = new(HallPicture.FloorTickets(state)) };
                    break;
            }
            if (feed.Topic.Kind is TopicKind.Hall or TopicKind.Zone or TopicKind.Floor)
            {
                var missed = values.Missed(WindowsOf(feed.Topic, state));
                if (!Missed(missed).SequenceEqual(feed.MissedShown))
                {
                    (changes ??= [])["missed"] = missed;
                    feed.MissedShown = Missed(missed);
                }
            }
            if (changes is not null) Post(feed, new FeedChange(feed.Topic, feed.Sequence, feed.Sequence, changes));
        }
        _dirty.ClearDerived();
    }

    public void Heartbeat()
    {
        foreach (var feed in _topics.Values) Post(feed, new FeedHeartbeat(feed.Topic, feed.Sequence));
    }

    private void Show(TopicFeed feed, List<IFeedSink> sinks, HallState state, Instant now)
    {
        var members = AllMembers(feed.Topic, new Values(state, now));
        if (sinks.Count == feed.Sinks.Count && members.TryGetValue("missed", out var missed)) feed.MissedShown = Missed(missed);
        var snapshot = new FeedSnapshot(feed.Topic, feed.Sequence, members);
        foreach (var sink in sinks) sink.Post(snapshot);
        if (feed.Topic.Kind is not (TopicKind.Hall or TopicKind.Zone or TopicKind.Window)) return;
        foreach (var call in state.RecentCalls)
        {
            var leg = call.Ticket.Leg;
            if (call.Ticket.State == TicketState.Called && leg.LastCallAt!.Value + announceFor > Instant.Max(now, state.At) && Announce(feed.Topic, call.Ticket, leg.CallSequence, state) is { } announcement)
                foreach (var sink in sinks) sink.Post(announcement);
        }
    }

    private FeedAnnouncement? Announce(Topic topic, Ticket ticket, long id, HallState state)
    {
        var leg = ticket.Leg;
        // A call that was taken back or answered before it could be sent is nothing to speak of.
        if (leg.CallSequence != id || ticket.State != TicketState.Called || leg.Window is not { } window || !state.Windows.TryGetValue(window, out var at)) return null;
        var zone = at.Settings.Zone?.Value;
        if (topic.Kind == TopicKind.Zone && zone != topic.Part) return null;
        if (topic.Kind == TopicKind.Window && window.Value != topic.Part) return null;
        return new FeedAnnouncement(hall, zone, id, ticket.Number, window.Value, leg.Times, HallPicture.Local(state, leg.LastCallAt!.Value + announceFor));
    }

    private Dictionary<string, FeedValue> Changes(TopicFeed feed, Values values)
    {
        var topic = feed.Topic;
        var changes = new Dictionary<string, FeedValue>();
        switch (topic.Kind)
        {
            case TopicKind.Hall or TopicKind.Zone or TopicKind.Floor:
                var windows = WindowsOf(topic, values.State);
                var lines = LinesOf(topic, values.State);
                foreach (var line in _dirty.Lines)
                    if (lines?.Contains(line) != false) changes["lines/" + line.Value] = values.Line(line);
                foreach (var window in _dirty.Windows)
                    if (windows?.Contains(window) != false) changes["windows/" + window.Value] = values.Window(window);
                if (_dirty.Calls) changes["calls"] = values.Calls(windows);
                if (_dirty.Lines.Count > 0) changes["next"] = values.Next(lines);
                if (_dirty.Missed) changes["missed"] = values.Missed(windows);
                if (_dirty.Suspended)
                {
                    changes["suspended"] = values.Suspended();
                    changes["open"] = new(Hall.IsOpen(values.State));
                    if (topic.Kind == TopicKind.Floor) changes["suspendedServices"] = values.SuspendedServices();
                }
                if (_dirty.Notices) changes["notices"] = new(HallPicture.Notices(values.State, values.Now, topic.Kind == TopicKind.Zone ? new ZoneId(topic.Part!) : null));
                if (_dirty.Seats && topic.Kind == TopicKind.Floor) changes["seats"] = values.Seats();
                break;
            case TopicKind.Window when _dirty.Windows.Contains(new WindowId(topic.Part!)):
                return WindowMembers(new WindowId(topic.Part!), values);
            case TopicKind.Ticket when _dirty.Tickets.Contains(topic.Ticket.Ordinal):
                return TicketMembers(topic.Ticket, values);
        }
        return changes;
    }

    private static Dictionary<string, FeedValue> AllMembers(Topic topic, Values values) => topic.Kind switch
    {
        TopicKind.Window => WindowMembers(new WindowId(topic.Part!), values),
        TopicKind.Ticket => TicketMembers(topic.Ticket, values),
        _ => BoardMembers(topic, values),
    };

    private static Dictionary<string, FeedValue> BoardMembers(Topic topic, Values values)
    {
        var board = HallPicture.Board(values.State, values.Now, topic.Kind == TopicKind.Zone ? new ZoneId(topic.Part!) : null);
        var members = new Dictionary<string, FeedValue>
        {
            ["hall"] = new(board.Hall), ["sequence"] = new(board.Sequence), ["asOf"] = new(board.AsOf), ["open"] = new(board.Open), ["opensAt"] = new(board.OpensAt), ["suspended"] = new(board.Suspended),
            ["lines"] = new(board.Lines), ["windows"] = new(board.Windows), ["calls"] = new(board.Calls), ["next"] = new(board.Next), ["missed"] = new(board.Missed), ["notices"] = new(board.Notices),
        };
        if (topic.Kind == TopicKind.Floor)
        {
            members["tickets"] = new(HallPicture.FloorTickets(values.State));
            members["seats"] = values.Seats();
            members["suspendedServices"] = values.SuspendedServices();
        }
        return members;
    }

    /// <summary>Every member null once the hall's document has no such window any more.</summary>
    private static Dictionary<string, FeedValue> WindowMembers(WindowId id, Values values)
    {
        if (values.State.Find(id) is null) return WindowMemberNames.ToDictionary(name => name, static _ => new FeedValue(null));
        var view = HallPicture.Window(values.State, id);
        var rateable = values.State.Windows[id].Rateable is { Grade: null } leg ? new RateableView(leg.Ticket.Id, leg.Number, leg.Service.Value) : null;
        return new()
        {
            ["window"] = new(view.Window), ["name"] = new(view.Name), ["zone"] = new(view.Zone), ["state"] = new(view.State), ["ticket"] = new(view.Ticket), ["staff"] = new(view.Staff),
            ["lines"] = new(view.Lines), ["reason"] = new(view.Reason), ["reopensAt"] = new(view.ReopensAt), ["goTo"] = new(view.GoTo), ["alsoFor"] = new(view.AlsoFor), ["rating"] = new(rateable),
        };
    }

    /// <summary>Empty once the visit left the hall's state.</summary>
    private static Dictionary<string, FeedValue> TicketMembers(TicketId id, Values values)
    {
        if (HallPicture.Ticket(values.State, values.Now, id) is not { } view) return [];
        return new()
        {
            ["hall"] = new(view.Hall), ["number"] = new(view.Number), ["state"] = new(view.State), ["ahead"] = new(view.Ahead), ["estimate"] = new(view.Estimate), ["window"] = new(view.Window),
            ["calledAt"] = new(view.CalledAt), ["awayUntil"] = new(view.AwayUntil), ["explanation"] = new(view.Explanation), ["legs"] = new(view.Legs),
            ["reservedFor"] = new(view.ReservedFor), ["slot"] = new(view.Slot), ["suspended"] = new(view.Suspended), ["toldOnce"] = new(view.ToldOnce), ["leg"] = new(view.Leg), ["instead"] = new(view.Instead), ["matter"] = new(view.Matter),
        };
    }

    private static bool Exists(Topic topic, HallState state) => topic.Kind switch
    {
        TopicKind.Zone => state.Settings.Zones.Any(z => z.Zone.Value == topic.Part),
        TopicKind.Window => state.Windows.ContainsKey(new WindowId(topic.Part!)),
        TopicKind.Ticket => state.Find(topic.Ticket) is not null,
        _ => true,
    };

    private static HashSet<WindowId>? WindowsOf(Topic topic, HallState state) =>
        topic.Kind != TopicKind.Zone ? null : [.. state.Windows.Values.Where(w => w.Settings.Zone?.Value == topic.Part).Select(w => w.Settings.Window)];

    private static HashSet<LineId>? LinesOf(Topic topic, HallState state) =>
        topic.Kind != TopicKind.Zone ? null : [.. state.Windows.Values.Where(w => w.Settings.Zone?.Value == topic.Part).SelectMany(w => w.Profile.Select(p => p.Line))];

    private static IReadOnlyList<MissedView> Missed(FeedValue missed) => (IReadOnlyList<MissedView>)missed.Value!;

    private static void Post(TopicFeed feed, params ReadOnlySpan<FeedMessage> messages)
    {
        foreach (var sink in feed.Sinks) sink.Post(messages);
    }

    private sealed class TopicFeed(Topic topic, long sequence)
    {
        public Topic Topic { get; } = topic;
        public long Sequence { get; set; } = sequence;

        /// <summary>What was last sent to all of them; one who came later saw a list of its own.</summary>
        public IReadOnlyList<MissedView> MissedShown { get; set; } = [];

        public List<IFeedSink> Sinks { get; } = [];
    }

    /// <summary>Values made at most once for all topics of one publication.</summary>
    private sealed class Values(HallState state, Instant now)
    {
        private readonly Dictionary<string, FeedValue> _made = [];

        public HallState State { get; } = state;

        /// <summary>Never before the picture, whatever the clock does.</summary>
        public Instant Now { get; } = Instant.Max(now, state.At);

        public FeedValue Line(LineId id) => Made("lines/" + id.Value, () => State.Lines.ContainsKey(id) ? HallPicture.Line(State, id) : null);
        public FeedValue Window(WindowId id) => Made("windows/" + id.Value, () => State.Windows.ContainsKey(id) ? HallPicture.Window(State, id) : null);
        public FeedValue Calls(IReadOnlySet<WindowId>? windows) => windows is null ? Made("calls", () => HallPicture.Calls(State)) : new(HallPicture.Calls(State, windows));
        public FeedValue Missed(IReadOnlySet<WindowId>? windows) => windows is null ? Made("missed", () => HallPicture.Missed(State, Now)) : new(HallPicture.Missed(State, Now, windows));
        public FeedValue Suspended() => Made("suspended", () => HallPicture.Show(State, State.Suspension));
        public FeedValue Seats() => Made("seats", () => HallPicture.Seats(State));
        public FeedValue SuspendedServices() => Made("suspendedServices", () => HallPicture.SuspendedServices(State));
        public FeedValue Next(IReadOnlySet<LineId>? lines) => lines is null ? Made("next", () => NextOf(null)) : new(NextOf(lines));

        private NextView[] NextOf(IReadOnlySet<LineId>? lines) =>
            [.. State.Settings.Lines.Where(l => lines?.Contains(l.Line) != false).Select(l => HallPicture.Next(State, l.Line, Now)).Where(n => n.Tickets.Count > 0)];

        private FeedValue Made(string key, Func<object?> make) => _made.TryGetValue(key, out var value) ? value : _made[key] = new FeedValue(make());
    }

    /// <summary>What the events since the last publication touched.</summary>
    private sealed class Dirty
    {
        public HashSet<LineId> Lines { get; } = [];
        public HashSet<WindowId> Windows { get; } = [];
        public HashSet<long> Tickets { get; } = [];
        public List<(Ticket Ticket, long Id)> Announced { get; } = [];

        /// <summary>Lines whose places moved since the last derived publication.</summary>
        public HashSet<LineId> Joined { get; } = [];

        /// <summary>Something that the floor shows of a ticket changed since the last derived publication.</summary>
        public bool Floor { get; private set; }

        public bool Calls { get; private set; }
        public bool Missed { get; private set; }
        public bool Suspended { get; private set; }
        public bool Profiles { get; private set; }
        public bool Seats { get; private set; }
        public bool Notices { get; private set; }
        public bool Everything { get; private set; }
        public bool Any { get; private set; }

        public void Note(HallEvent @event, HallState state)
        {
            Any = true;
            switch (@event)
            {
                case TicketIssued e: Touch(state, e.Ticket); break;
                case TicketPrinted e: Touch(state, e.Ticket); break;
                case TicketVoided e: Touch(state, e.Ticket); break;
                case TicketChanged e: Touch(state, e.Ticket); Calls = Missed = true; if (state.Tickets.TryGetValue(e.Ticket, out var changed)) Line(changed.Earlier[^1].Line); break;
                case TicketHeld e: Touch(state, e.Ticket); break;
                case TicketAway e: Touch(state, e.Ticket); break;
                case TicketBack e: Touch(state, e.Ticket); break;
                case TicketTransferred e: Touch(state, e.Ticket); Calls = true; Windows.Add(e.From); if (state.Tickets.TryGetValue(e.Ticket, out var passedOn)) Line(passedOn.Earlier[^1].Line); break;
                case StageMarked e: See(e.Ticket); break;
                case ClassChanged e: Touch(state, e.Ticket); break;
                case CasesDeclared e: See(e.Ticket); break;
                // The joint service's own line had it for a moment.
                case JointBegun e: Touch(state, e.Ticket); if (state.Tickets.TryGetValue(e.Ticket, out var joint)) Line(joint.Joint!.Line); break;
                case LegBegun e: Touch(state, e.Ticket); break;
                case SlipGiven e: See(e.Ticket); break;
                case SlipShown e: See(e.Ticket); break;
                case OwnerChanged e: See(e.Ticket); break;
                case TicketCancelled e: Touch(state, e.Ticket); Calls = Missed = true; break;
                case TicketExpired e: Touch(state, e.Ticket); Missed = true; break;
                case TicketReturned e: Touch(state, e.Ticket); Missed = true; break;
                case TicketCalled e: Touch(state, e.Ticket); Calls = true; Announce(state, e.Ticket); break;
                case TicketRecalled e: Touch(state, e.Ticket); Calls = true; Announce(state, e.Ticket); break;
                case TicketMissed e: Touch(state, e.Ticket); Missed = true; break;
                case ServiceStarted e: Touch(state, e.Ticket); break;
                case ServiceFinished e: Touch(state, e.Ticket); Windows.Add(e.Window); if (state.Tickets.TryGetValue(e.Ticket, out var done)) Finished(done, e); break;
                case ServiceRated e: See(e.Ticket); Windows.Add(e.Window); break;
                case WindowOpened e: Seats = true; Touch(state, e.Window); break;
                case WindowClosed e: Seats = true; Touch(state, e.Window); break;
                case WindowPaused e: Touch(state, e.Window); break;
                case WindowResumed e: Touch(state, e.Window); break;
                case WindowTakenOver e: Seats = true; Touch(state, e.Window); break;
                case WindowProfileChanged e: Profiles = Seats = true; Touch(state, e.Window); foreach (var line in state.Lines.Keys) Line(line); break;
                case Core.Halls.Suspended or Resumed: Suspended = true; foreach (var line in state.Lines.Keys) Line(line); break;
                case NoticePosted or NoticeEnded: Notices = true; break;
                case HolidaysAnnounced: break;
                case AppointmentCheckedIn e: Touch(state, e.Ticket); break;
                // Nobody's picture shows who is yet to come.
                case AppointmentBooked or AppointmentMoved or AppointmentCancelled or AppointmentReleased: break;
                default: Everything = Floor = true; foreach (var line in state.Lines.Keys) Joined.Add(line); break;
            }
        }

        public void Clear()
        {
            ClearSent();
            ClearDerived();
        }

        public void ClearDerived()
        {
            Joined.Clear();
            Floor = false;
        }

        public void ClearSent()
        {
            Lines.Clear();
            Windows.Clear();
            Tickets.Clear();
            Announced.Clear();
            Calls = Missed = Suspended = Profiles = Seats = Notices = Everything = Any = false;
        }

        private void See(long ordinal)
        {
            Tickets.Add(ordinal);
            Floor = true;
        }

        private void Touch(HallState state, long ordinal)
        {
            See(ordinal);
            if (!state.Tickets.TryGetValue(ordinal, out var ticket)) return;
            Line(ticket.Leg.Line);
            if (ticket.Joint is not null)
                foreach (var other in ticket.Beside) Line(other.Line);
            if (ticket.Leg.Window is { } window) Windows.Add(window);
        }

        private void Finished(Ticket ticket, ServiceFinished e)
        {
            // What the slip was for is dealt with: whoever still looks at that one sees that it counts no more.
            if (ticket.Slip is { } slip) See(slip);
            if (ticket.Leg.Number == e.Leg) return;
            Calls = true;
            Line(ticket.Earlier[^1].Line);
        }

        private void Touch(HallState state, WindowId window)
        {
            Windows.Add(window);
            foreach (var line in state.Windows[window].Profile) Line(line.Line);
        }

        private void Line(LineId line)
        {
            Lines.Add(line);
            Joined.Add(line);
            Floor = true;
        }

        private void Announce(HallState state, long ordinal)
        {
            var ticket = state.Tickets[ordinal];
            Announced.Add((ticket, ticket.Leg.CallSequence));
        }
    }
}
