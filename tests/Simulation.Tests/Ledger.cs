using HallOps.Core.Halls;
using HallOps.Silo.Journal;

namespace HallOps.Simulation.Tests;

/// <summary>
/// One hall as its durable events tell it, folded in the plainest way and written apart from the aggregate: holds I1, I3, I7 and the order of time at every event, and knows what every
/// key was answered.
/// </summary>
internal sealed class Ledger(uint hall)
{
    private readonly HallState _state = new();
    private readonly Dictionary<long, Visit> _visits = [];
    private readonly Dictionary<WindowId, long> _windows = [];
    private readonly HashSet<(DateOnly, string)> _numbers = [];
    private readonly Dictionary<UInt128, List<Written>> _byKey = [];
    private DateOnly _day;
    private DateOnly _forgotten;
    private long _at = long.MinValue;

    /// <summary>A fold of every durable event.</summary>
    public HallState State => _state;

    public int Issued => _visits.Count;

    /// <summary>What the key's commands came to, oldest first; more than one only where the first was forgotten between.</summary>
    public IReadOnlyList<Written> WrittenUnder(UInt128 key) => _byKey.TryGetValue(key, out var written) ? written : [];

    /// <summary>Whether what was written under the key is more than 24 hours past its day's end.</summary>
    public bool Forgot(UInt128 key) => WrittenUnder(key) is [.., var last] && last.Day <= _forgotten;

    /// <summary>Adds durable records: whole commands.</summary>
    public void Add(List<JournalRecord> records, int first)
    {
        for (var i = first; i < records.Count;)
        {
            var start = records[i];
            Law.Holds(start.StartsCommand, $"hall {hall}: record {start.Sequence} starts no command");
            var events = new List<HallEvent>();
            do
            {
                var record = records[i++];
                var @event = EventCodec.Read(record.Type, record.Version, record.Payload.Span);
                Law.Holds(record.At >= _at, $"hall {hall}: event {record.Sequence} happened before the one before it");
                _at = record.At;
                Fold(@event, record.Sequence);
                Hall.Evolve(_state, @event, new Instant(record.At), record.Sequence);
                events.Add(@event);
            }
            while (i < records.Count && !records[i].StartsCommand);
            if (start.CommandId == UInt128.Zero) continue;
            if (!_byKey.TryGetValue(start.CommandId, out var written)) _byKey.Add(start.CommandId, written = []);
            Law.Holds(written is [] || Forgot(start.CommandId), $"I4: hall {hall}: a key was written at {(written is [] ? 0 : written[^1].Sequence)} and again at {_state.Sequence}");
            written.Add(new Written(_state.Sequence, _state.Day, Hall.ReplyTo(_state, new EventList([.. events]))));
        }
    }

    /// <summary>Holds the aggregate against the plain fold.</summary>
    public void Compare(HallState state)
    {
        if (state.Sequence != _state.Sequence) return;
        var open = 0;
        var ended = 0;
        foreach (var (ordinal, visit) in _visits)
        {
            if (visit.Outcome == LegOutcome.Open) open++;
            else ended++;
            if (state.Find(new TicketId(hall, ordinal)) is not { } ticket)
            {
                Law.Holds(visit.Outcome != LegOutcome.Open, $"I7: hall {hall}: ticket {ordinal} is open and in no state");
                continue;
            }
            Law.Holds(ticket.Leg.Outcome == visit.Outcome, $"I7: hall {hall}: ticket {ordinal} came to {visit.Outcome}, the state says {ticket.Leg.Outcome}");
            Law.Holds(ticket.Ended == (visit.Outcome != LegOutcome.Open), $"I7: hall {hall}: ticket {ordinal} is {ticket.State} and came to {visit.Outcome}");
            Law.Holds(ticket.Ended || ticket.State == visit.State, $"hall {hall}: ticket {ordinal} is {ticket.State}, its events make it {visit.State}");
        }
        Law.Holds(open + ended == state.LastOrdinal, $"I7: hall {hall}: {state.LastOrdinal} issued, {open} open and {ended} ended");
        if (!state.Exists) return;
        foreach (var window in state.Settings.Windows)
        {
            var present = state.Find(window.Window)!.Present;
            Law.Holds((present?.Id.Ordinal ?? 0) == _windows.GetValueOrDefault(window.Window), $"I3: hall {hall}: window {window.Window} has {present?.Id.Ordinal}, its events say {_windows.GetValueOrDefault(window.Window)}");
        }
    }

    private void Fold(HallEvent @event, long sequence)
    {
        switch (@event)
        {
            case HallConfigured e:
                if (sequence == 1) _day = e.Day;
                break;
            case TicketIssued e:
                Law.Holds(_numbers.Add((_day, e.Number)), $"I1: hall {hall}: number {e.Number} twice on {_day}");
                Law.Holds(e.Ticket == _visits.Count + 1, $"hall {hall}: ticket {e.Ticket} is the {_visits.Count + 1}th");
                _visits.Add(e.Ticket, new Visit { Day = _day, State = e.Printed ? TicketState.Waiting : TicketState.Issued });
                break;
            case LegBegun e: _visits[e.Ticket].Beside++; break;
            case TicketPrinted e: Turn(e.Ticket, TicketState.Waiting, TicketState.Issued); break;
            case TicketVoided e: End(e.Ticket, LegOutcome.Void, TicketState.Issued); break;
            case TicketCalled e:
                Law.Holds(!_windows.ContainsKey(e.Window), $"I3: hall {hall}: ticket {e.Ticket} is called to window {e.Window}, which has {_windows.GetValueOrDefault(e.Window)}");
                Turn(e.Ticket, TicketState.Called, TicketState.Waiting).WasCalled = true;
                _windows.Add(e.Window, e.Ticket);
                break;
            case TicketRecalled e:
                Law.Holds(_windows.GetValueOrDefault(e.Window) == e.Ticket, $"I3: hall {hall}: ticket {e.Ticket} is recalled to window {e.Window}, which has {_windows.GetValueOrDefault(e.Window)}");
                Turn(e.Ticket, TicketState.Called, TicketState.Called, TicketState.Serving);
                break;
            case ServiceStarted e: Turn(e.Ticket, TicketState.Serving, TicketState.Called); break;
            case ServiceFinished e:
                Leave(e.Window, e.Ticket);
                if (_visits[e.Ticket] is var goesOn && goesOn.Stops + goesOn.Beside > 0 && goesOn.Day == _day && e.Outcome != FinishOutcome.Left)
                {
                    Turn(e.Ticket, TicketState.Waiting, TicketState.Serving).WasCalled = false;
                    if (goesOn.Stops > 0) goesOn.Stops--;
                    else goesOn.Beside--;
                }
                else End(e.Ticket, LegOutcome.Served, TicketState.Serving);
                break;
            case TicketHeld e:
                Leave(e.Window, e.Ticket);
                Turn(e.Ticket, TicketState.Held, TicketState.Serving);
                break;
            case TicketAway e: Turn(e.Ticket, TicketState.Away, TicketState.Waiting); break;
            case TicketBack e: Turn(e.Ticket, TicketState.Waiting, TicketState.Held, TicketState.Away); break;
            case TicketTransferred e:
                Leave(e.From, e.Ticket);
                var passedOn = Turn(e.Ticket, TicketState.Waiting, TicketState.Called, TicketState.Serving);
                passedOn.WasCalled = false;
                if (e.ReturnHere) passedOn.Stops++;
                break;
            case TicketMissed e:
                Leave(e.Window, e.Ticket);
                Turn(e.Ticket, TicketState.Missed, TicketState.Called, TicketState.Serving);
                break;
            case TicketReturned e: Turn(e.Ticket, TicketState.Waiting, TicketState.Missed); break;
            case TicketExpired e: End(e.Ticket, LegOutcome.NoShow, TicketState.Missed); break;
            case TicketCancelled e:
                foreach (var (window, ticket) in _windows)
                    if (ticket == e.Ticket) _windows.Remove(window);
                End(e.Ticket, _visits[e.Ticket].WasCalled ? LegOutcome.Withdrawn : LegOutcome.Abandoned, TicketState.Issued, TicketState.Waiting, TicketState.Called, TicketState.Missed, TicketState.Held, TicketState.Away);
                break;
            case DayEnded e:
                Law.Holds(e.NextDay > _day && e.Day == _day, $"F7: hall {hall}: the day rolls from {_day} to {e.NextDay}");
                _day = e.NextDay;
                foreach (var (window, ticket) in _windows)
                    if (_visits[ticket].State == TicketState.Called) _windows.Remove(window);
                foreach (var visit in _visits.Values)
                    if (visit.Outcome == LegOutcome.Open && visit.State != TicketState.Serving)
                        visit.Outcome = visit.State == TicketState.Issued ? LegOutcome.Void : visit.State == TicketState.Held ? LegOutcome.Withdrawn : visit.WasCalled ? LegOutcome.NoShow : LegOutcome.Abandoned;
                break;
            case DayForgotten e: _forgotten = e.Day; break;
        }
    }

    private Visit Turn(long ordinal, TicketState to, params ReadOnlySpan<TicketState> from)
    {
        var visit = _visits[ordinal];
        Law.Holds(visit.Outcome == LegOutcome.Open && from.Contains(visit.State), $"hall {hall}: ticket {ordinal} turns from {visit.State} ({visit.Outcome}) to {to}");
        visit.State = to;
        return visit;
    }

    private void End(long ordinal, LegOutcome outcome, params ReadOnlySpan<TicketState> from) => Turn(ordinal, default, from).Outcome = outcome;

    private void Leave(WindowId window, long ordinal)
    {
        Law.Holds(_windows.Remove(window, out var there) && there == ordinal, $"I3: hall {hall}: ticket {ordinal} leaves window {window}, which has {there}");
    }

    public sealed record Written(long Sequence, DateOnly Day, HallReply? Reply);

    private sealed class Visit
    {
        public required DateOnly Day { get; init; }
        public TicketState State { get; set; }

        /// <summary>Legs of a joint visit that began, beside the one that runs.</summary>
        public int Beside { get; set; }

        /// <summary>How often it has yet to come back to a window.</summary>
        public int Stops { get; set; }

        public LegOutcome Outcome { get; set; }
        public bool WasCalled { get; set; }
    }
}
