using System.Globalization;
using System.Text.Json;
using HallOps.Core.Calendars;
using HallOps.Core.Halls;

namespace HallOps.Silo.Tests.Projections;

/// <summary>The rows of reports by a naive fold that looks at every ticket and every window after every event: what the projection is held to (I10).</summary>
internal sealed class NaiveReports
{
    private readonly HallState _state = new();
    private readonly SortedDictionary<(long Ticket, int Leg), (string Row, long Joined, long? Ended, Estimate? Told, long? Rated)> _legs = [];
    private readonly SortedDictionary<string, List<(long From, long To, string Use, string Reason, string Staff)>> _windows = new(StringComparer.Ordinal);
    private Dictionary<string, (string Use, string Reason, string Staff)> _now = [];

    public HallState State => _state;

    public List<string> Calls { get; } = [];

    /// <summary>Days that ended, and those of them whose legs changed after that.</summary>
    public HashSet<string> Due { get; } = [];

    public HashSet<string> EndedDays { get; } = [];

    /// <summary>Windows that the document had no more for a while.</summary>
    public HashSet<string> Gone { get; } = [];

    public IEnumerable<string> Legs => _legs.Select(l => Join(l.Value.Row, l.Value.Joined, l.Value.Ended, l.Value.Told?.LowSeconds * 1000L, l.Value.Told?.MedianSeconds * 1000L, l.Value.Told?.HighSeconds * 1000L, l.Value.Rated));

    public void Fold(HallEvent e, Instant at)
    {
        foreach (var (window, now) in _now)
            if (at > _state.At) Of(window).Add((_state.At.Milliseconds, at.Milliseconds, now.Use, now.Reason, now.Staff));
        var earlier = _state.Tickets.SelectMany(t => t.Earlier.Where(_ => t.Joint is null)).ToHashSet();
        switch (e)
        {
            case ServiceStarted s when _state.Tickets[s.Ticket].State == TicketState.Called: Rename(s.Window, s.StartedAt, "walking", "serving"); break;
            case TicketRecalled r when _state.Tickets[r.Ticket].Leg is { StartKind: StartKind.Time } leg: Rename(r.Window, leg.StartedAt!.Value, "serving", "walking"); break;
            case TicketMissed m when _state.Tickets[m.Ticket].Leg is { StartKind: StartKind.Time } leg: Rename(m.Window, leg.StartedAt!.Value, "serving", "walking"); break;
        }
        Hall.Evolve(_state, e, at, _state.Sequence + 1);
        if (e is DayEnded ended)
            for (var day = ended.Day; day < ended.NextDay; day = day.AddDays(1))
            {
                EndedDays.Add(Text(day));
                Due.Add(Text(day));
            }
        if (e is TicketCalled c)
            Calls.Add(Join(_state.Sequence, c.Ticket, c.Leg, Text(_state.Tickets[c.Ticket].Day), at.Milliseconds, c.Window, c.Staff, c.Reason, c.Overtook, c.FirstOvertaken));
        // A leg that ended before the visit went on stays as it was, but for its class and its rating.
        foreach (var ticket in _state.Tickets)
            foreach (var leg in ticket.Legs)
                if (!earlier.Contains(leg) || (e is ClassChanged changed && changed.Ticket == ticket.Id.Ordinal) || (e is ServiceRated rated && rated.Ticket == ticket.Id.Ordinal && rated.Leg == leg.Number)) See(e, ticket, leg, at);
        LookAtWindows();
    }

    /// <summary>Of every window that ever was, by window and time: the stretches between which something changed.</summary>
    public IEnumerable<string> Windows
    {
        get
        {
            foreach (var (window, segments) in _windows)
            {
                var all = segments.Select(s => (s.From, To: (long?)s.To, s.Use, s.Reason, s.Staff)).ToList();
                if (_now.TryGetValue(window, out var now)) all.Add((_state.At.Milliseconds, null, now.Use, now.Reason, now.Staff));
                for (var i = 0; i < all.Count; i++)
                {
                    var from = all[i].From;
                    while (i + 1 < all.Count && all[i].To == all[i + 1].From && (all[i].Use, all[i].Reason, all[i].Staff) == (all[i + 1].Use, all[i + 1].Reason, all[i + 1].Staff)) i++;
                    yield return Join(window, from, all[i].Use, all[i].Reason, all[i].Staff, all[i].To);
                }
            }
        }
    }

    private void See(HallEvent e, Ticket ticket, Leg leg, Instant at)
    {
        var row = Join(ticket.Id.Ordinal, leg.Number, ticket.Number, Text(ticket.Day), leg.Service, leg.Line, ticket.Class, Word(ticket.Source), ticket.IssuedAt.Milliseconds, leg.Since.Milliseconds,
            leg.CalledAt?.Milliseconds, leg.FirstCalledAt?.Milliseconds, leg.StartedAt?.Milliseconds, Word(leg.StartKind), leg.FinishedAt?.Milliseconds, leg.Window, leg.Staff, Word(leg.Outcome),
            Word(leg.FinishOutcome), leg.Reason, leg.Overtook, leg.Times, ticket.Misses, Word(leg.Grade), Word(HallPicture.StateOf(ticket, leg)), ticket.Told);
        var isNew = !_legs.TryGetValue((ticket.Id.Ordinal, leg.Number), out var known);
        if (isNew) known = (row, at.Milliseconds, null, e is TicketIssued issued ? issued.Estimate : null, null);
        if (row != known.Row && ticket.Day != _state.Day) Due.Add(Text(ticket.Day));
        if (leg.Outcome != LegOutcome.Open) known.Ended ??= e is DayEnded day ? Left(day.Day, ticket, leg, at) : at.Milliseconds;
        if (e is ServiceRated rated && rated.Ticket == ticket.Id.Ordinal && rated.Leg == leg.Number) known.Rated ??= at.Milliseconds;
        _legs[(ticket.Id.Ordinal, leg.Number)] = known with { Row = row };
    }

    // Whom the end of the day finds there went home when the hall closed.
    private long Left(DateOnly day, Ticket ticket, Leg leg, Instant at)
    {
        var left = at.Milliseconds;
        foreach (var interval in _state.Settings.Calendar.Of(day, _state.Holidays).Intervals) left = interval.Stretch.To.Milliseconds;
        foreach (var there in new[] { ticket.IssuedAt, leg.Since }) left = Math.Max(left, there.Milliseconds);
        return Math.Min(left, at.Milliseconds);
    }

    private void LookAtWindows()
    {
        var now = _state.Windows.Values.ToDictionary(w => w.Settings.Window.Value, w => TimeUse.UseOf(_state, w) is var use
            ? (Word(use)!, use == WindowUse.Paused ? Word(w.Pause) ?? "" : "", w.Occupant?.Staff?.Value ?? "") : default);
        now[""] = (_state.Schedule is null ? "regular" : Word(_state.Schedule.Session) ?? "closed", "", "");
        Gone.UnionWith(_now.Keys.Except(now.Keys));
        foreach (var window in now.Keys) Of(window);
        _now = now;
    }

    private void Rename(WindowId window, Instant from, string was, string becomes)
    {
        var segments = Of(window.Value);
        for (var i = segments.Count - 1; i >= 0; i--)
        {
            var segment = segments[i];
            if (segment.To <= from.Milliseconds || segment.Use != was) continue;
            var split = Math.Max(segment.From, from.Milliseconds);
            segments[i] = segment with { From = split, Use = becomes };
            if (split > segment.From) segments.Insert(i, segment with { To = split });
        }
    }

    private List<(long From, long To, string Use, string Reason, string Staff)> Of(string window) => _windows.TryGetValue(window, out var segments) ? segments : _windows[window] = [];

    public static string Join(params object?[] fields) => string.Join('|', fields.Select(f => Convert.ToString(f, CultureInfo.InvariantCulture)));

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string? Word(Enum? word) => word is null ? null : JsonNamingPolicy.CamelCase.ConvertName(word.ToString());
}
