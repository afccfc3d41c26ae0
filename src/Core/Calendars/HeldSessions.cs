using System.Globalization;

namespace HallOps.Core.Calendars;

/// <summary>A session that holds on a date, cut where it would overlap.</summary>
internal readonly record struct HeldSession(SessionRule Rule, Minutes Time);

/// <summary>The sessions of a date in order, disjoint, and what is said of those that overlapped.</summary>
internal sealed record HeldDay(HeldSession[] Sessions, IReadOnlyList<string> Warnings);

/// <summary>Which sessions hold on a date, and whose turn it is. One compilation's: remembers years, not safe for several threads.</summary>
internal sealed class HeldSessions(CalendarPlan plan, HolidayTable holidays)
{
    private static readonly SessionKind[] Kinds = Enum.GetValues<SessionKind>();

    private readonly SessionRule[] taking = [.. plan.Sessions.Where(s => s.Groups.Length > 1 && !s.TurnsByWeek)];
    private readonly Dictionary<int, List<int[]>> turns = [];

    /// <summary>Those that the document's <c>sessions</c> give the date, for each kind those of the most specific rank; in no order.</summary>
    public List<SessionRule> Regular(DateFacts date)
    {
        Span<int> best = stackalloc int[Kinds.Length];
        best.Fill(-1);
        Span<int> ranks = plan.Sessions.Length <= 64 ? stackalloc int[plan.Sessions.Length] : new int[plan.Sessions.Length];
        for (var i = 0; i < ranks.Length; i++)
        {
            ranks[i] = plan.Sessions[i].RankOn(date);
            ref var kind = ref best[(int)plan.Sessions[i].Kind];
            kind = Math.Max(kind, ranks[i]);
        }
        var held = new List<SessionRule>();
        for (var i = 0; i < ranks.Length; i++)
            if (ranks[i] >= 0 && ranks[i] == best[(int)plan.Sessions[i].Kind]) held.Add(plan.Sessions[i]);
        return held;
    }

    /// <summary>Those of the date with its exceptions, by their times; some may overlap.</summary>
    public List<SessionRule> With(DateFacts date)
    {
        List<SessionRule>? instead = null;
        foreach (var exception in plan.Exceptions)
        {
            if (exception.Date != date.Date || exception.Windows is not null) continue;
            if (exception.Sessions is null) return [];
            (instead ??= []).AddRange(exception.Sessions);
        }
        var held = instead ?? Regular(date);
        held.Sort(static (a, b) => a.Time.From != b.Time.From ? a.Time.From - b.Time.From : a.Time.To != b.Time.To ? a.Time.To - b.Time.To
            : a.Kind != b.Kind ? (int)a.Kind - (int)b.Kind : string.CompareOrdinal(a.Content(), b.Content()));
        return held;
    }

    /// <summary>The end of the date's last session, in minutes of its service day; 0 where it has none.</summary>
    public int LastEnd(DateFacts date)
    {
        var last = 0;
        foreach (var session in With(date)) last = Math.Max(last, session.Time.To);
        return last;
    }

    public HeldDay On(DateFacts date)
    {
        var held = new List<HeldSession>();
        List<string>? warnings = null;
        var end = LastEnd(DateFacts.Of(date.Date.AddDays(-1), holidays)) - 1440;
        SessionRule? before = null;
        foreach (var session in With(date))
        {
            if (session.Time.From < end)
            {
                var other = before is null ? string.Create(CultureInfo.InvariantCulture, $"those of {date.Date.AddDays(-1):yyyy-MM-dd}") : before.ToString();
                (warnings ??= []).Add(string.Create(CultureInfo.InvariantCulture, $"{date.Date:yyyy-MM-dd}: the session {session} overlaps {other} and begins at their end"));
            }
            var time = new Minutes(Math.Max(session.Time.From, end), session.Time.To);
            if (time.From < time.To) held.Add(new HeldSession(session, time));
            if (session.Time.To >= end) (end, before) = (session.Time.To, session);
        }
        return new HeldDay([.. held], warnings as IReadOnlyList<string> ?? []);
    }

    /// <summary>The windows that have their turn; null: the session has no turns.</summary>
    public IndexSet? OnTurn(SessionRule session, DateOnly date) => session.Groups.Length switch
    {
        0 => null,
        1 => session.Groups[0],
        var groups => session.Groups[(session.TurnsByWeek ? ISOWeek.GetWeekOfYear(date.ToDateTime(default)) : DaysBefore(session, date)) % groups],
    };

    /// <summary>On how many earlier dates of the year the session holds, exceptions not considered.</summary>
    private int DaysBefore(SessionRule session, DateOnly date)
    {
        var place = Array.IndexOf(taking, session);
        // A session of an exception holds on no other date.
        if (place < 0) return 0;
        if (!turns.TryGetValue(date.Year, out var year)) turns[date.Year] = year = [new int[taking.Length]];
        while (year.Count < date.DayOfYear)
        {
            var counts = (int[])year[^1].Clone();
            foreach (var held in Regular(DateFacts.Of(new DateOnly(date.Year, 1, 1).AddDays(year.Count - 1), holidays)))
                if (Array.IndexOf(taking, held) is >= 0 and var taken) counts[taken]++;
            year.Add(counts);
        }
        return year[date.DayOfYear - 1][place];
    }
}
