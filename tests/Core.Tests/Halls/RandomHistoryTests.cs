using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using HallOps.Core.Halls;

namespace HallOps.Core.Tests.Halls;

/// <summary>
/// The hall against <see cref="NaiveHall"/> over random histories, and the invariants I1, I3, I6, I7 and I9 of QUALITY.md on the way. <c>HALLOPS_MODEL_RUNS</c> sets the number of histories,
/// <c>HALLOPS_MODEL_SEED</c> the first seed; a failure names its seed.
/// </summary>
public sealed class RandomHistoryTests
{
    private const int Commands = 150;

    /// <summary>Histories in one hall: most of the time would go into reading documents otherwise.</summary>
    private const int HistoriesAHall = 10;

    private static readonly ConcurrentDictionary<int, Lazy<(HallSpec Spec, PackedDocument Document)[]>> Halls = [];

    [Fact]
    public void Hall_OverAnyHistory_DecidesAsTheNaiveHallDoes()
    {
        var runs = FromEnvironment("HALLOPS_MODEL_RUNS", 2000);
        var first = FromEnvironment("HALLOPS_MODEL_SEED", 1);
        var failures = new ConcurrentBag<(int Seed, string Message)>();
        var seen = new ConcurrentDictionary<string, int>();
        Parallel.For(first, first + runs, (seed, loop) =>
        {
            try
            {
                new History(seed).Play(seen);
            }
            catch (Exception e)
            {
                failures.Add((seed, e.Message + e.StackTrace));
                loop.Stop();
            }
        });
        Assert.True(failures.IsEmpty, string.Join("\n", failures.OrderBy(f => f.Seed).Take(1).Select(f => $"seed {f.Seed}: {f.Message}")));

        // The histories are worth something only if they come by everything there is.
        if (runs < 500) return;
        foreach (var reason in Enum.GetValues<CallReason>()) Assert.True(seen.GetValueOrDefault(reason.ToString()) > runs / 30, $"calls for {reason}: {seen.GetValueOrDefault(reason.ToString())}");
        Assert.True(seen.GetValueOrDefault("explained") > runs / 20, $"explained: {seen.GetValueOrDefault("explained")}");
        foreach (var type in typeof(HallEvent).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(HallEvent)) && t != typeof(HolidaysAnnounced))) Assert.True(seen.ContainsKey(type.Name), $"never happened: {type.Name}");
        foreach (var outcome in Enum.GetValues<LegOutcome>().Except([LegOutcome.Transferred])) Assert.True(seen.ContainsKey("leg " + outcome), $"never ended in: {outcome}");
    }

    /// <summary>The hall of a seed, and what a new document makes of it.</summary>
    private static (HallSpec Spec, PackedDocument Document)[] HallOf(int seed) => Halls.GetOrAdd(seed / HistoriesAHall, static key => new(() =>
    {
        var random = new RandomHall(key);
        var spec = random.Draw();
        return [.. new[] { spec, random.Redraw(spec) }.Select(s => (s, SampleHall.Pack(RandomHall.Document(s))))];
    })).Value;

    private static int FromEnvironment(string name, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var n) ? n : otherwise;

    private sealed class History(int seed)
    {
        private readonly RandomHall _random = new(seed);
        private readonly HallState _state = new();
        private readonly List<(HallEvent Event, Instant At)> _events = [];
        private readonly FairnessWatch _fairness = new();
        private readonly TimeUse _times = new();
        private readonly Dictionary<long, (Ticket Ticket, Instant At)> _ended = [];
        private readonly HashSet<(DateOnly, string)> _numbers = [];
        private NaiveHall _naive = null!;
        private Instant _now;

        // Finishes after which the visit went on where it had to come back to.
        private int _continued;

        // Those that came back to a window with one more leg.
        private int _cameBack;

        // Sentences that name a call.
        private int _explained;
        private Func<string> _doing = () => "start";

        public void Play(ConcurrentDictionary<string, int> seen)
        {
            var (spec, document) = HallOf(seed)[0];
            _now = _random.StartOfHistory();
            _naive = new NaiveHall(spec, _now);
            Fold(Hall.Decide(_state, new ConfigureHall(7, document), _now).Events[0], _now);

            for (var step = 0; step < Commands; step++)
            {
                _now += _random.Step();
                ApplyDue(step);
                if (_random.Chance(1)) Reconfigure(step);
                else Compare(_random.Command(_naive), step);
                if (step % 8 == 0) CompareStates();
                if (step % 24 == 0) CompareAppointments();
            }
            CompareStates();
            CompareAppointments();
            CompareTimes();
            if (seed % 4 == 0) CompareReplay();
            foreach (var (e, _) in _events)
            {
                seen.AddOrUpdate(e.GetType().Name, 1, (_, n) => n + 1);
                if (e is TicketCalled c) seen.AddOrUpdate(c.Reason.ToString(), 1, (_, n) => n + 1);
            }
            seen.AddOrUpdate("explained", _explained, (_, n) => n + _explained);
            foreach (var ticket in _naive.Tickets) seen.AddOrUpdate("leg " + ticket.Outcome, 1, (_, n) => n + 1);
        }

        private void ApplyDue(int step)
        {
            while (true)
            {
                _doing = () => $"step {step}, what is due at {_now}";
                var theirs = Hall.NextDue(_state, _now);
                if (theirs is { Event: ScheduleReached reached, At: var moment })
                {
                    Reach(reached, moment);
                    continue;
                }
                var ours = _naive.Due(_now);
                Expect(ours?.At, theirs?.At);
                if (ours is null || theirs is null) break;
                Expect(ours.Value.Event, theirs.Value.Event);
                Fold(theirs.Value.Event, theirs.Value.At);
            }
            Expect(true, Hall.DueAt(_state) > _now);
        }

        /// <summary>A moment of the calendar: that it comes when it should, and what it brings, is held by the naive hall's sessions; what follows from it by its rules.</summary>
        private void Reach(ScheduleReached reached, Instant at)
        {
            _doing = () => $"{SampleHall.Say(reached)} at {at}";
            Expect(true, _naive.Spec.Sessions is not null);
            // Whatever else is due at the same moment comes after it, but for the end of the day and of tickets not printed.
            _naive.Reach(reached.Schedule, at, (ours, theirs) => Expect(ours, theirs));
            Fold(reached, at);
        }

        private void Compare(HallCommand command, int step)
        {
            _doing = () => $"step {step}, {SampleHall.Say(command)} at {_now}";
            var decision = Hall.Decide(_state, command, _now);
            var (events, code, allowedAt) = _naive.Do(command, _now);
            Expect(code, decision.Refusal?.Code);
            if (allowedAt is { } at) Expect(at, decision.Refusal!.Facts.Single(f => f.Name == "allowedAt").Value);
            Expect(events.Count, decision.Events.Count);
            for (var i = 0; i < events.Count; i++) Expect(events[i], decision.Events[i]);
            foreach (var e in decision.Events)
            {
                Fold(e, _now);
                if (e is TicketCalled called) _fairness.Watch(called, _naive.Candidates, _naive.Spec);
            }
            if (decision.Events.Count > 0) Expect(true, Hall.ReplyTo(_state, decision.Events) is not null);
            if (decision.Events.Count > 0) CompareCounts();
            if (decision.Events is [AppointmentBooked or AppointmentMoved, ..]) NeverOversold();
        }

        /// <summary>From the hall alone: no slot has more appointments than its service gives it, and those of a line take no more of it than their share.</summary>
        private void NeverOversold()
        {
            var code = _events[^1].Event switch { AppointmentBooked e => e.Code, AppointmentMoved e => e.Code, _ => "" };
            var booked = _state.Appointments.Find(code)!;
            var service = _state.Settings.ServiceById[booked.Service];
            Expect(true, _state.Appointments.All.Count(a => a.Counts && a.Service == booked.Service && a.Slot == booked.Slot) <= service.Appointments!.Capacity);
            var windowsThen = _naive.OwnWindows(_naive.Spec.Services.Single(s => s.Id == booked.Service.Value), booked.Slot.Milliseconds);
            var taken = _state.Appointments.All.Where(a => a.Counts && a.Slot == booked.Slot && a.Ends == booked.Ends && _state.Settings.ServiceById[a.Service].Line == service.Line)
                .Sum(a => _state.Settings.ServiceById[a.Service].ExpectedMinutes ?? 5);
            Expect(true, taken <= 0.4 * windowsThen * (booked.Ends - booked.Slot).TotalMinutes + 1e-6);
        }

        private void CompareAppointments()
        {
            Expect(string.Join(' ', _naive.Appointments.OrderBy(a => a.Slot).ThenBy(a => a.Order).Select(a => $"{a.Code}@{a.Slot}:{a.State}:{a.Ticket?.Id}")),
                string.Join(' ', _state.Appointments.All.Select(a => $"{a.Code}@{a.Slot.Milliseconds}:{a.State}:{a.Ticket}")));
            if (seed % 5 > 0) return;
            foreach (var service in _naive.Spec.Services)
            {
                var ours = service.Slots is null ? [] : _naive.SlotsOn(service, _naive.Day).Where(s => s.Starts > _now.Milliseconds).Take(4).Select(s => (s.Starts, _naive.Room(service, s.Starts).Capacity, _naive.Room(service, s.Starts).Free)).ToList();
                var theirs = HallPicture.SlotsOf(_state, _now, new ServiceId(service.Id), null)!;
                Expect(string.Join(' ', ours), string.Join(' ', theirs.Take(4).Select(s => (s.Slot.ToUnixTimeMilliseconds(), s.Capacity, s.Free))));
                Expect(true, theirs.All(s => s.Free >= 0 && s.Free <= s.Capacity));
            }
        }

        private void Reconfigure(int step)
        {
            _doing = () => $"step {step}, another document at {_now}";
            var (spec, document) = HallOf(seed).First(h => h.Spec != _naive.Spec);
            var command = new ConfigureHall(7, document);
            var decision = Hall.Decide(_state, command, _now);
            Expect(null, decision.Refusal?.Code);
            if (decision.Events.Count == 0) return;
            Expect(_naive.Configure(command, spec, _now), Assert.Single(decision.Events));
            Fold(decision.Events[0], _now);
            if (_state.Schedule is null && _naive.IsRun) _naive.StopRunning();
        }

        private void Fold(HallEvent e, Instant at)
        {
            _times.Pass(_state, e, at);
            Hall.Evolve(_state, e, at, _state.Sequence + 1);
            _events.Add((e, at));
            foreach (var ticket in _state.Tickets)
                if (ticket.Ended) _ended.TryAdd(ticket.Id.Ordinal, (ticket, at));
            if (e is ServiceFinished finished && _state.Find(new TicketId(7, finished.Ticket)) is { Ended: false } visit)
            {
                _continued++;
                if (visit.Leg.FirstSequence == _state.Sequence) _cameBack++;
            }
            if (e is TicketIssued issued) Expect(true, _numbers.Add((_state.Day, issued.Number)));
        }

        private void CompareCounts()
        {
            Expect(_naive.WaitingInAll, _state.Waiting);
            foreach (var line in _naive.Spec.Lines) Expect(_naive.WaitingIn(line.Id).Count, _state.Find(new LineId(line.Id))!.Waiting);
            // I3: nobody is at two windows, and a window's ticket says so itself.
            var present = _state.Windows.Values.Where(w => w.Present is not null).ToList();
            Expect(present.Count, present.Select(w => w.Present).Distinct().Count());
            foreach (var window in _naive.Windows)
            {
                var theirs = _state.Find(new WindowId(window.Id))!;
                Expect(window.Present?.Id, theirs.Present?.Id.Ordinal);
                Expect(window.Run, theirs.PriorityRun);
                Expect((window.Paused, window.PausedBySchedule, window.Released, window.ExpectedSince, window.StandInAt?.Id), (theirs.Pause is not null, theirs.PausedWith, theirs.IsReleased, theirs.ExpectedSince?.Milliseconds, theirs.StandInAt?.Value));
                if (theirs.Present is { } t) Expect(true, t.State is TicketState.Called or TicketState.Serving && t.Leg.Window == theirs.Settings.Window);
            }
            Expect(present.Count, _state.Tickets.Count(t => t.State is TicketState.Called or TicketState.Serving));
        }

        private void CompareStates()
        {
            foreach (var group in _state.Lines.Values.SelectMany(l => l.Groups))
                foreach (var leg in group.InOrder()) Expect(_naive.Tickets[(int)leg.Ticket.Id.Ordinal - 1].All.Single(ours => ours.Leg == leg.Number).Overtaken, leg.Overtaken);
            var terminal = 0;
            foreach (var ours in _naive.Tickets)
            {
                if (ours.Ended) terminal++;
                Expect(ours.Ended, ours.Outcome != LegOutcome.Open);
                var theirs = _state.Find(new TicketId(7, ours.Id));
                Expect(ours.Forgotten, theirs is null);
                if (theirs is null) continue;
                Expect((ours.State, ours.Outcome, ours.Misses, ours.Day, ours.Since), (theirs.State, theirs.Leg.Outcome, theirs.Misses, theirs.Day, theirs.Leg.Since.Milliseconds));
                Expect((ours.Leg, ours.Class, ours.Owner, ours.Stages.Count), (theirs.Leg.Number, theirs.Class.Value, theirs.Owner?.Value, Enum.GetValues<Stage>().Count(theirs.HasReached)));
                // I7: every leg before the last ended once, as passed on or served.
                Expect(true, theirs.Legs.Select(l => l.Number).SequenceEqual(Enumerable.Range(1, ours.Legs)) && theirs.Earlier.All(l => l.Outcome is LegOutcome.Transferred or LegOutcome.Served));
                Expect((ours.Joint?.Id, ours.Told, ours.Slip?.Ticket), (theirs.Joint?.Service.Value, theirs.Told, theirs.Slip));
                Expect(string.Join(' ', ours.Beside.Select(l => (l.Leg, l.Service.Id, l.Since, l.Outcome))), string.Join(' ', theirs.Beside.Select(l => (l.Number, l.Service.Value, l.Since.Milliseconds, l.Outcome))));
            }
            // I7: the events that end legs, each leg once, and the open ones add up to those issued.
            var ended = _events.Select(e => e.Event).Sum(e => e is TicketVoided or TicketCancelled or TicketExpired or ServiceFinished ? 1 : 0) - _continued;
            var atDayEnd = terminal - ended;
            Expect(true, atDayEnd >= 0 && (atDayEnd == 0 || _events.Any(e => e.Event is DayEnded)));
            Expect(_events.Count(e => e.Event is TicketIssued), _naive.Tickets.GroupBy(t => t.Outcome).Sum(g => g.Count()));
            Expect(_naive.Tickets.Sum(t => t.Legs), _events.Count(e => e.Event is TicketIssued or TicketChanged or TicketTransferred or LegBegun) + _cameBack);
            Expect(string.Join(' ', _naive.Slips.Select(s => (s.Ticket, s.Service, s.Times, s.Until, s.ShownBy?.Id))), string.Join(' ', _state.Slips.Select(s => (s.Ticket, s.Service.Value, s.Times, s.Until.Milliseconds, s.ShownBy))));
            Expect((long)_naive.Tickets.Count, _state.LastOrdinal);

            foreach (var zone in _naive.Spec.Zones.Prepend(null))
                Expect(string.Join(' ', _naive.Notices(zone)), string.Join(' ', HallPicture.Notices(_state, _now, zone is null ? null : new ZoneId(zone)).Select(n => n.Notice)));

            foreach (var line in _naive.Spec.Lines)
            {
                var order = _naive.InScoreOrder(line.Id, _now.Milliseconds);
                for (var i = 0; i < order.Count; i++)
                {
                    // Who waits in several lines is told of the one where it goes fastest.
                    if (order[i].Whole is var visit && visit.Beside.Count > 0 && _naive.Soonest(visit, _now.Milliseconds) != order[i]) continue;
                    var view = HallPicture.Ticket(_state, _now, new TicketId(7, order[i].Id))!;
                    Expect(i, view.Ahead);
                    CompareExplanation(order[i], i, view.Explanation!);
                }
                Expect(string.Join(' ', order.Take(HallPicture.NextShown).Select(t => t.Number).Distinct()), string.Join(' ', HallPicture.Next(_state, new LineId(line.Id), _now).Tickets));
            }
        }

        /// <summary>What every waiting visitor is told is what happened: how many are ahead, how often others were called first, the last of them, and how many more can be.</summary>
        private void CompareExplanation(NaiveTicket ours, int ahead, Explanation theirs)
        {
            Expect(_naive.WhyWaiting(ours, _now.Milliseconds), theirs.Kind);
            if (theirs.Kind == ExplanationKind.NextAtWindow) Expect(ours.ReservedFor!.Id, theirs.Window);
            if (theirs.Kind != ExplanationKind.Waiting) return;
            Expect((ahead, ours.Overtaken, Math.Max(0, _naive.Spec.MaxOvertakes - ours.Overtaken)), (theirs.Ahead, theirs.Overtaken, theirs.AtMost));
            Expect(ours.LastPassed?.At, theirs.At?.ToUnixTimeMilliseconds());
            var by = ours.LastPassed is { Class: not "normal" } passed ? _state.Settings.ClassById[new ClassId(passed.Class)].Name : null;
            Expect(by, theirs.By);
            if (theirs.At is not null) _explained++;
        }

        /// <summary>Whatever windows and visits did, the parts add up to the whole; and what windows gave is what visitors got.</summary>
        private void CompareTimes()
        {
            _doing = () => "the parts of time";
            _times.Advance(_state, _now);
            var (walking, serving) = (0L, 0L);
            foreach (var window in _state.Windows.Keys)
            {
                var uses = _times.Of(window)!;
                _doing = () => $"the parts of window {window}'s time";
                Expect((_now - _events[0].At).TotalMilliseconds, uses.Sum());
                Expect(uses[(int)WindowUse.Paused], _times.PausesOf(window)!.Sum());
                Expect(true, uses.All(use => use >= 0));
                walking += uses[(int)WindowUse.Walking];
                serving += uses[(int)WindowUse.Serving];
            }
            foreach (var visit in _naive.Tickets)
            {
                if (_times.Of(visit.Id) is not { } uses) continue;
                _doing = () => $"the parts of visit {visit.Number}'s time";
                var until = _ended.TryGetValue(visit.Id, out var end) ? end.At.Milliseconds : _now.Milliseconds;
                Expect(until - visit.IssuedAt, uses.Sum());
                Expect(true, uses.All(use => use >= 0));
                walking -= uses[(int)VisitUse.Walking];
                serving -= uses[(int)VisitUse.Served];
                // One leg, called once: it says from when to when.
                if (end.Ticket is { State: TicketState.Finished, Earlier: [], Beside: [], Leg: { StartedAt: { } from, FinishedAt: { } to } leg } && leg.FirstCalledAt == leg.CalledAt)
                    Expect((to - from).TotalMilliseconds, uses[(int)VisitUse.Served]);
            }
            Expect((0L, 0L), (walking, serving));
        }

        /// <summary>I9: a fold of the history is the live state.</summary>
        private void CompareReplay()
        {
            _doing = () => "replay";
            var replay = new HallState();
            foreach (var (e, at) in _events) Hall.Evolve(replay, e, at, replay.Sequence + 1);
            Expect(Picture(_state), Picture(replay));

            string Picture(HallState state) => JsonSerializer.Serialize(new
            {
                Floor = HallPicture.Floor(state, _now),
                Windows = state.Windows.Values.Select(w => new { w.PriorityRun, w.Profile, Rateable = w.Rateable?.Ticket.Id.ToString() }),
                Groups = state.Lines.Values.SelectMany(l => l.Groups.Select(g => new { g.Place, Window = g.Window.Value, Legs = g.InOrder().Select(leg => new { leg.FirstSequence, leg.Overtaken, leg.CallsUntilFirst }) })),
                state.Day,
                state.DayEndsAt,
                state.Schedule,
                Seats = state.Windows.Values.Select(w => new { w.Settings.Window, w.Pause, w.PausedUntil, w.ExpectedSince, w.StandInAt, w.IsReleased }),
                state.Waiting,
                state.Slips,
                Joints = state.Tickets.Where(t => t.Joint is not null).Select(t => new { t.Number, t.State, Legs = t.Legs.Select(l => new { l.Number, l.Item, l.WasFirst, l.Outcome, l.Since }) }),
                Overtakings = state.Overtakings.Select(o => new { o.Sequence, o.At }),
                Held = state.Held.Select(h => new { h.Ticket.Number, h.Window, h.Since }),
                Appointments = state.Appointments.All,
                Appointed = state.Lines.Values.SelectMany(l => l.Appointed.Select(a => new { a.Slot, a.Leg.Ticket.Number })),
                Away = state.Away.Select(a => new { a.Ticket.Number, a.Until, a.First }),
                Returns = state.Returns.Select(r => new { r.Ticket.Number, r.Window, r.Service }),
            });
        }

        private void Expect<T>(T expected, T actual)
        {
            if (EqualityComparer<T>.Default.Equals(expected, actual)) return;
            if (expected is HallEvent && SampleHall.Say(expected) == SampleHall.Say(actual)) return;
            throw new InvalidOperationException($"{_doing()}: the naive hall says {SampleHall.Say(expected)}, the hall {SampleHall.Say(actual)}\n{string.Join('\n', _events.TakeLast(12).Select(e => $"  {e.At} {SampleHall.Say(e.Event)}"))}\n");
        }
    }

    /// <summary>I6 from the history of calls alone: counts who was passed over and how long a window's run is, and holds both bounds.</summary>
    private sealed class FairnessWatch
    {
        private readonly Dictionary<(long Ticket, int Leg), int> _passedOver = [];
        private readonly Dictionary<string, int> _runs = [];

        /// <param name="order">Every ticket and leg callable there before the call, in plain order.</param>
        public void Watch(TicketCalled called, List<(long Id, int Leg)> order, HallSpec spec)
        {
            if (called.Reason is CallReason.Manager or CallReason.Reserved or CallReason.Returned or CallReason.Due)
            {
                if (called.Overtook != 0 || called.FirstOvertaken is not null) throw new InvalidOperationException($"A call outside the bounds says it overtook: {called}");
                return;
            }
            var passed = order.TakeWhile(t => t != (called.Ticket, called.Leg)).ToList();
            if (passed.Count != called.Overtook || (passed.Count > 0 ? passed[0].Id : null as long?) != called.FirstOvertaken) throw new InvalidOperationException($"{called} passed over {string.Join(", ", passed)}");
            if (passed.Count > 0 != (called.Reason == CallReason.Class)) throw new InvalidOperationException($"{called} passed over {passed.Count}");
            var run = _runs[called.Window.Value] = passed.Count > 0 ? _runs.GetValueOrDefault(called.Window.Value) + 1 : 0;
            if (run > spec.MaxPriorityRun) throw new InvalidOperationException($"{called}: the {run}th overtaking call of window {called.Window} in a row");
            foreach (var ticket in passed)
                if ((_passedOver[ticket] = _passedOver.GetValueOrDefault(ticket) + 1) > spec.MaxOvertakes)
                    throw new InvalidOperationException($"{called}: ticket {ticket} overtaken for the {_passedOver[ticket]}th time");
        }
    }
}
