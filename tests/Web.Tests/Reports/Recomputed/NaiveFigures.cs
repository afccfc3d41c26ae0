using System.Globalization;

namespace HallOps.Web.Tests.Reports.Recomputed;

/// <summary>Windows' time in a row: by use, and what was open outside of sessions.</summary>
internal sealed class NaiveTime
{
    public Dictionary<string, long> Uses { get; } = [];
    public long Outside { get; set; }
}

/// <summary>The members of a row of the API, by their way in it, worked out over lists of legs as docs/reports.md says them.</summary>
internal static class NaiveFigures
{
    public const double Target = 300, OtherTarget = 900, ShortAbandon = 30;

    /// <summary>No member: how many values lie within a hundredth of a limit, and may be counted on either side of it by classes.</summary>
    public const string Slack = "slack";

    private static readonly int[] s_percents = [50, 90, 95, 99];
    private static readonly int[] s_minutes = [1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120];
    private static readonly string[] s_grades = ["verySatisfied", "satisfied", "fairlySatisfied", "dissatisfied", "veryDissatisfied"];

    /// <param name="isByLine">Each leg is measured by its line's target, or <see cref="OtherTarget"/> where that has none; else all by <see cref="Target"/>.</param>
    public static Dictionary<string, object?> Waits(IReadOnlyList<NaiveLeg> legs, long now, bool isByLine = false)
    {
        var row = new Dictionary<string, object?>
        {
            ["tickets"] = Tickets(legs), ["legs"] = legs.Count, ["called"] = legs.Count(l => l.WasCalled), ["served"] = Outcomes("served"), ["noShow"] = Outcomes("noShow"), ["abandoned"] = Outcomes("abandoned"),
            ["withdrawn"] = Outcomes("withdrawn"), ["transferred"] = Outcomes("transferred"), ["void"] = Outcomes("void"), ["open"] = Outcomes("open"),
        };
        var answered = Known(legs, l => l.Wait);
        var left = Known(legs.Where(l => l.Outcome == "abandoned"), l => l.AtLeast(now));
        var unanswered = Known(legs.Where(l => l.Outcome != "abandoned"), l => l.AtLeast(now));
        var within = legs.Count(l => IsInTime(l, l.Wait));
        var leftInTime = legs.Count(l => l.Outcome == "abandoned" && IsInTime(l, l.AtLeast(now)));
        Durations(row, "wait", answered, within);
        Durations(row, "walk", Known(legs, l => l.Walk), null);
        Durations(row, "service", Known(legs, l => l.ServiceTime), null);
        Durations(row, "includingWaiting", [.. answered, .. left, .. unanswered], legs.Count(l => IsInTime(l, l.Wait ?? l.AtLeast(now))));
        row["includingWaiting.atLeast"] = true;

        var told = legs.Where(l => l.Told is not null && l.Wait is not null).Select(l => (Told: l.Told!.Value, Wait: l.Wait!.Value)).ToList();
        row["told.n"] = told.Count;
        row["told.within"] = told.Count(t => t.Wait >= t.Told.Low && t.Wait <= t.Told.High);
        row["told.biasSeconds"] = told.Count == 0 ? null : Milliseconds(told.Average(t => (double)(t.Wait - t.Told.Median)));
        row["told.meanErrorSeconds"] = told.Count == 0 ? null : Milliseconds(told.Average(t => (double)Math.Abs(t.Wait - t.Told.Median)));
        Rates(row, "rates.", legs);

        var offered = answered.Count + left.Count + unanswered.Count;
        (row["serviceLevel.targetSeconds"], row["serviceLevel.shortAbandonSeconds"]) = (isByLine ? null : Target, ShortAbandon);
        Rate(row, "serviceLevel.answeredOnly", within, answered.Count);
        Rate(row, "serviceLevel.ofOffered", within, offered);
        Rate(row, "serviceLevel.offeredLessShortAbandons", within, offered - left.Count(w => w <= ShortAbandon * 1000));
        Rate(row, "serviceLevel.abandonsInTargetCountGood", within + leftInTime, offered);

        var before = 0;
        for (var i = 0; i <= s_minutes.Length; i++)
        {
            var upTo = i < s_minutes.Length ? answered.Count(w => w <= s_minutes[i] * 60_000L) : answered.Count;
            (row[$"distribution[{i}].upToSeconds"], row[$"distribution[{i}].n"]) = (i < s_minutes.Length ? s_minutes[i] * 60 : null, upTo - before);
            before = upTo;
        }
        row[Slack] = answered.Concat(left).Concat(unanswered).Count(w => s_minutes.Select(m => m * 60_000d).Append(ShortAbandon * 1000).Append(Target * 1000).Append(OtherTarget * 1000).Any(limit => Math.Abs(w - limit) <= limit * 0.0102));
        Survive(row, answered, [.. left, .. unanswered]);
        return row;

        bool IsInTime(NaiveLeg leg, long? waited) => waited <= (isByLine ? leg.Target ?? OtherTarget * 1000 : Target * 1000);

        int Outcomes(string outcome) => legs.Count(l => l.Outcome == outcome);
    }

    public static Dictionary<string, object?> Windows(IReadOnlyList<NaiveLeg> legs, NaiveTime time, bool hasSaturation, long now)
    {
        var row = new Dictionary<string, object?> { ["called"] = legs.Count(l => l.WasCalled), ["legs"] = legs.Count, ["served"] = legs.Count(l => l.Outcome == "served") };
        Durations(row, "service", Known(legs, l => l.ServiceTime), null);
        Time(row, time);
        if (!hasSaturation) return row;
        var waited = legs.Sum(l => l.Wait ?? l.AtLeast(now) ?? 0);
        var open = time.Uses.Where(u => u.Key != "closed" && !u.Key.StartsWith("paused", StringComparison.Ordinal)).Sum(u => u.Value) + time.Outside;
        (row["saturation.waitedSeconds"], row["saturation.openSeconds"], row["saturation.ratio"]) = (waited / 1000d, open / 1000d, open == 0 ? null : (double)waited / open);
        return row;
    }

    public static Dictionary<string, object?> Staff(IReadOnlyList<NaiveLeg> legs, NaiveTime time)
    {
        var row = new Dictionary<string, object?>
        {
            ["called"] = legs.Count(l => l.WasCalled), ["legs"] = legs.Count, ["served"] = legs.Count(l => l.Outcome == "served"), ["noShow"] = legs.Count(l => l.Outcome == "noShow"),
        };
        Durations(row, "walk", Known(legs, l => l.Walk), null);
        Durations(row, "service", Known(legs, l => l.ServiceTime), null);
        Time(row, time);
        Rates(row, "rates.", legs);
        return row;
    }

    public static Dictionary<string, object?> Ratings(IReadOnlyList<NaiveLeg> legs)
    {
        var (served, rated) = (legs.Count(l => l.Outcome == "served"), legs.Count(l => l.Grade is not null));
        var row = new Dictionary<string, object?> { ["served"] = served, ["rated"] = rated, ["unrated"] = served - rated, ["bad"] = legs.Count(l => l.Grade >= 3) };
        for (var grade = 0; grade < 5; grade++) row["grades." + s_grades[grade]] = legs.Count(l => l.Grade == grade);
        Rates(row, "", legs, "satisfaction", "response");
        return row;
    }

    private static void Rates(Dictionary<string, object?> row, string way, IReadOnlyList<NaiveLeg> legs, params string[] only)
    {
        int Count(Func<NaiveLeg, bool> which) => legs.Count(which);
        var (served, rated) = (Count(l => l.Outcome == "served"), Count(l => l.Grade is not null));
        var limits = legs.Where(l => l.Outcome == "served" && l.Days is not null).Select(l => l.Days!.Value).ToList();
        var told = legs.Where(l => l.Told is not null && l.Wait is not null).ToList();
        (string Name, int Part, int Of)[] all =
        [
            ("noShow", Count(l => l.Outcome == "noShow"), Count(l => l.WasCalled)),
            ("abandonment", Count(l => l.Outcome == "abandoned"), legs.Count),
            ("leftUnserved", Count(l => l.Outcome is "noShow" or "abandoned" or "withdrawn"), legs.Count),
            ("satisfaction", rated - Count(l => l.Grade >= 3), rated),
            ("response", rated, served),
            ("doneAtOnce", Count(l => l.Finish == "done"), Count(l => l.Finish is "done" or "accepted")),
            ("cameAgain", Count(l => l.Outcome == "served" && l.Visit.ToldBefore > 0), served),
            ("faster", limits.Sum(d => d.Statutory - d.Promised), limits.Sum(d => d.Statutory)),
            ("toldRight", told.Count(l => l.Wait >= l.Told!.Value.Low && l.Wait <= l.Told!.Value.High), told.Count),
        ];
        foreach (var (name, part, of) in all)
            if (only.Length == 0 || only.Contains(name)) Rate(row, way + name, part, of);
    }

    private static void Rate(Dictionary<string, object?> row, string way, int part, int of) => (row[way + ".part"], row[way + ".of"], row[way + ".rate"]) = (part, of, of == 0 ? null : (double)part / of);

    private static void Durations(Dictionary<string, object?> row, string way, List<long> values, int? within)
    {
        values = [.. values.Order()];
        row[way + ".n"] = values.Count;
        row[way + ".meanSeconds"] = values.Count == 0 ? null : Milliseconds(values.Average());
        foreach (var percent in s_percents) row[$"{way}.p{percent}Seconds"] = values.Count == 0 ? null : values[(int)Math.Ceiling(percent * values.Count / 100m) - 1] / 1000d;
        row[way + ".maxSeconds"] = values.Count == 0 ? null : values[^1] / 1000d;
        row[way + ".withinTarget"] = within;
    }

    private static void Time(Dictionary<string, object?> row, NaiveTime time)
    {
        double Seconds(string use) => time.Uses.GetValueOrDefault(use) / 1000d;
        foreach (var use in new[] { "serving", "walking", "idle", "idleWaitedFor", "suspended", "closed" }) row[$"time.{use}Seconds"] = Seconds(use);
        foreach (var (use, milliseconds) in time.Uses.Where(u => u.Key.StartsWith("paused ", StringComparison.Ordinal))) row["time.pausedSeconds." + use[7..]] = milliseconds / 1000d;
        row["time.sessionSeconds"] = time.Uses.Values.Sum() / 1000d;
        row["time.outsideSeconds"] = time.Outside / 1000d;
    }

    /// <summary>Product-limit by its definition: at every wait that was answered, those still at risk.</summary>
    private static void Survive(Dictionary<string, object?> row, List<long> answered, List<long> atLeast)
    {
        var (share, i) = (1.0, 0);
        (row["survival.p50Seconds"], row["survival.p90Seconds"]) = (null, null);
        foreach (var wait in answered.Distinct().Order())
        {
            share *= 1 - (double)answered.Count(w => w == wait) / (answered.Count(w => w >= wait) + atLeast.Count(w => w >= wait));
            (row[$"survival.steps[{i}].seconds"], row[$"survival.steps[{i++}].stillWaiting"]) = (wait / 1000d, share);
            if (1 - share >= 0.5 - 1e-12) row["survival.p50Seconds"] ??= wait / 1000d;
            if (1 - share >= 0.9 - 1e-12) row["survival.p90Seconds"] ??= wait / 1000d;
        }
    }

    private static int Tickets(IEnumerable<NaiveLeg> legs) => legs.Select(l => (l.Hall, l.Visit.Ordinal)).Distinct().Count();

    private static List<long> Known(IEnumerable<NaiveLeg> legs, Func<NaiveLeg, long?> what) => [.. legs.Select(what).Where(v => v is not null).Select(v => v!.Value)];

    private static double Milliseconds(double milliseconds) => Math.Round(milliseconds) / 1000;
}
