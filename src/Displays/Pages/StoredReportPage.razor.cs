using System.Globalization;
using HallOps.Core.Halls;
using HallOps.Displays.Components;
using HallOps.Displays.Serving;
using HallOps.Displays.Texts;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace HallOps.Displays.Pages;

/// <summary>A stored report as texts: what stands in its tiles and tables.</summary>
public partial class StoredReportPage
{
    private PageHall _hall = null!;
    private PageReport _report = null!;
    private ReportNames _names = null!;

    [Parameter] public string HallId { get; set; } = "";
    [Parameter] public string Period { get; set; } = "";

    private Text Kind => _report.Days is null ? StoredReportsTexts.DailyTitle : StoredReportsTexts.MonthlyTitle;

    private string Stamp => _report.MadeAt.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private string? TargetMinutes => (_report.Total.ServiceLevel.TargetSeconds / 60)?.ToString("0.#", CultureInfo.InvariantCulture);

    private Text Target => TargetMinutes is { } minutes ? ReportsTexts.TargetOf.With(minutes) : ReportsTexts.TargetOfLines;

    /// <summary>The same days and target as they are now.</summary>
    private string Live => QueryHelpers.AddQueryString("/reports", new Dictionary<string, string?> { ["halls"] = HallId, ["from"] = ReportQuestion.Of(_report.From), ["to"] = ReportQuestion.Of(_report.To), ["target"] = TargetMinutes });

    private bool SomebodyCame => _report.Total.Legs > 0;

    private Text Tale => _report.Total.Wait.N > 0
        ? ReportsTexts.Tale.With(ReportFigures.Count(_report.Total.Tickets), ReportFigures.Duration(_report.Total.Wait.P50Seconds), ReportFigures.Duration(_report.Total.Wait.P90Seconds), ReportFigures.Percent(_report.Total.ServiceLevel.OfOffered.Rate), Target,
            // Answered late or gone: who left earlier is in neither share.
            ReportFigures.Percent(_report.Total.IncludingWaiting.N - (_report.Total.IncludingWaiting.WithinTarget ?? 0), _report.Total.ServiceLevel.OfOffered.Of))
        : SomebodyCame ? StoredReportsTexts.TaleNobodyServed.With(ReportFigures.Count(_report.Total.Tickets)) : ReportsTexts.NobodyCame;

    private IEnumerable<(Text Name, Text Value, Text Note, (bool IsMet, Text Says)? Verdict)> Tiles
    {
        get
        {
            var total = _report.Total;
            yield return (ReportsTexts.Visits, Plain(total.Tickets), ReportsTexts.LegsOf.With(ReportFigures.Count(total.Legs)), null);
            yield return (ReportsTexts.WaitP50, ReportFigures.Duration(total.Wait.P50Seconds), ReportsTexts.OfAnswered.With(ReportFigures.Count(total.Wait.N)), null);
            yield return (ReportsTexts.WaitP90, ReportFigures.Duration(total.Wait.P90Seconds), ReportsTexts.Longest.With(ReportFigures.Duration(total.Wait.MaxSeconds)), WaitVerdict);
            var level = total.ServiceLevel.OfOffered;
            yield return (ReportsTexts.Within, Plain(ReportFigures.Percent(level.Rate)), PartOf(level), level.Target?.Met is { } met ? (met, ReportFigures.Target(level)!) : null);
            yield return (ReportsTexts.Served, Plain(total.Served), ReportsTexts.ServiceMedian.With(ReportFigures.Duration(total.Service.P50Seconds)), null);
            // Of a day that is over: a service that nobody finished.
            if (total.Open > 0) yield return (ReportsTexts.Open, Plain(total.Open), ReportsTexts.OpenNote.With(ReportFigures.Duration(total.IncludingWaiting.P90Seconds)), null);
        }
    }

    /// <summary>Whether nine in ten waited no longer than the target: of those whose turn came, and with those who left.</summary>
    private (bool IsMet, Text Says)? WaitVerdict
    {
        get
        {
            if (_report.Total.Wait.N == 0) return null;
            var (answered, all) = (IsNineInTen(_report.Total.Wait), IsNineInTen(_report.Total.IncludingWaiting));
            return (answered && all, (!answered ? ReportsTexts.TargetMissed : all ? ReportsTexts.TargetMet : ReportsTexts.TargetMissedWaiting).With(Target));

            static bool IsNineInTen(ReportDurations waits) => waits.WithinTarget * 10 >= waits.N * 9;
        }
    }

    private IReadOnlyList<string[]> RateRows
    {
        get
        {
            var (rates, level) = (_report.Total.Rates, _report.Total.ServiceLevel.OfOffered);
            (Text Name, ReportShare Share, Text Formula)[] all =
            [
                (ReportsTexts.Within, level, StoredReportsTexts.FormulaWithin), (ReportsTexts.NoShowRate, rates.NoShow, StoredReportsTexts.FormulaNoShow), (ReportsTexts.Abandonment, rates.Abandonment, StoredReportsTexts.FormulaAbandonment),
                (ReportsTexts.LeftUnserved, rates.LeftUnserved, StoredReportsTexts.FormulaLeftUnserved), (ReportsTexts.Satisfaction, rates.Satisfaction, StoredReportsTexts.FormulaSatisfaction), (StoredReportsTexts.Response, rates.Response, StoredReportsTexts.FormulaResponse),
                (ReportsTexts.DoneAtOnce, rates.DoneAtOnce, StoredReportsTexts.FormulaDoneAtOnce), (ReportsTexts.CameAgain, rates.CameAgain, StoredReportsTexts.FormulaCameAgain), (ReportsTexts.Faster, rates.Faster, StoredReportsTexts.FormulaFaster),
                (ReportsTexts.ToldRight, rates.ToldRight, StoredReportsTexts.FormulaToldRight),
            ];
            return [.. all.Select(r => new[] { Say(r.Name), ReportFigures.Percent(r.Share.Rate), Say(PartOf(r.Share)), Say(r.Formula), ReportFigures.Target(r.Share) is { } target ? Say(target) : ReportFigures.None })];
        }
    }

    private IReadOnlyList<string[]> OutcomeRows
    {
        get
        {
            var total = _report.Total;
            (Text Name, long N)[] all = [(ReportsTexts.Served, total.Served), (ReportsTexts.NoShow, total.NoShow), (ReportsTexts.Abandoned, total.Abandoned), (ReportsTexts.Withdrawn, total.Withdrawn), (ReportsTexts.Transferred, total.Transferred),
                (ReportsTexts.Void, total.Void), (ReportsTexts.Open, total.Open), (ReportsTexts.Sum, total.Legs)];
            return [.. all.Select(o => new[] { Say(o.Name), ReportFigures.Count(o.N), ReportFigures.Percent(o.N, total.Legs) })];
        }
    }

    private IReadOnlyList<string[]> GradeRows =>
    [
        .. new[] { ("verySatisfied", CommonTexts.VerySatisfied), ("satisfied", CommonTexts.Satisfied), ("fairlySatisfied", CommonTexts.FairlySatisfied), ("dissatisfied", CommonTexts.Dissatisfied), ("veryDissatisfied", CommonTexts.VeryDissatisfied) }
            .Select(g => (Name: g.Item2, N: _report.Ratings.Grades.GetValueOrDefault(g.Item1)))
            .Select(g => new[] { Say(g.Name), ReportFigures.Count(g.N), ReportFigures.Percent(g.N, _report.Ratings.Rated) }),
        [Say(ReportsTexts.Unrated), ReportFigures.Count(_report.Ratings.Unrated), ReportFigures.None],
    ];

    private Text RatingsSay => _report.Ratings switch
    {
        { Rated: > 0 } r => ReportsTexts.RatingsSays.With(ReportFigures.Percent(r.Satisfaction.Rate), ReportFigures.Count(r.Satisfaction.Part), ReportFigures.Count(r.Satisfaction.Of), ReportFigures.Percent(r.Response.Rate)),
        { Served: > 0 } r => StoredReportsTexts.RatingsNone.With(ReportFigures.Count(r.Served)),
        _ => StoredReportsTexts.NobodyServed,
    };

    private IReadOnlyList<string[]> ToldRows => _report.Total.Told is not { N: > 0 } told ? [] :
    [
        [Say(StoredReportsTexts.ToldCount), ReportFigures.Count(told.N)],
        [Say(StoredReportsTexts.ToldWithin), Say(ReportsTexts.PartOf.With(ReportFigures.Count(told.Within), ReportFigures.Count(told.N)))],
        [Say(told.BiasSeconds < 0 ? StoredReportsTexts.ToldShorter : StoredReportsTexts.ToldLonger), Say(ReportFigures.Duration(Math.Abs(told.BiasSeconds ?? 0)))],
        [Say(StoredReportsTexts.ToldError), Say(ReportFigures.Duration(told.MeanErrorSeconds))],
    ];

    private string WindowsSay
    {
        get
        {
            if (Opened.Count == 0) return Say(ReportsTexts.NoTime);
            var (waiting, shut) = (_report.Time.Saturation?.Ratio, Used(_report.Windows).Count() - Opened.Count);
            return string.Join(' ', new[] { waiting is { } ratio ? Say(StoredReportsTexts.Saturation.With(ratio.ToString("N1", CultureInfo.InvariantCulture))) : "", shut > 0 ? Say(StoredReportsTexts.NotOpen.With(shut)) : "" }.Where(t => t.Length > 0));
        }
    }

    // A sheet has no room for rows of nothing.
    private List<ReportUse> Opened => [.. Used(_report.Windows).Where(w => Parts(w.Time, isStaff: true).Sum() > 0)];

    private List<ReportUse> Signed => [.. Used(_report.Staff)];

    private string? OrNobody(IReadOnlyList<ReportWaits> rows) => rows.Count == 0 ? Say(ReportsTexts.NobodyCame) : null;

    private IReadOnlyList<(string, bool)> WaitColumns(Text of) =>
    [
        (Say(of), false),
        .. new[] { ReportsTexts.LegsCount, ReportsTexts.Answered, ReportsTexts.P50, ReportsTexts.P90, ReportsTexts.Max }.Select((t, i) => (Say(i < 2 ? t : ReportsTexts.InMinutes.With(t)), true)),
        (Say(ReportsTexts.InTime), true), (Say(ReportsTexts.Served), true), (Say(ReportsTexts.InMinutes.With(ReportsTexts.ServiceP50)), true),
    ];

    private static string[] WaitRow(string name, ReportWaits row) =>
    [
        name, ReportFigures.Count(row.Legs), ReportFigures.Count(row.Wait.N), ReportFigures.Minutes(row.Wait.P50Seconds), ReportFigures.Minutes(row.Wait.P90Seconds), ReportFigures.Minutes(row.Wait.MaxSeconds),
        ReportFigures.Percent(row.ServiceLevel.OfOffered.Rate), ReportFigures.Count(row.Served), ReportFigures.Minutes(row.Service.P50Seconds),
    ];

    private IReadOnlyList<(string, bool)> UseColumns(Text of, bool isStaff) =>
    [
        (Say(of), false), (Say(ReportsTexts.Served), true),
        .. new[] { ReportsTexts.UseServing, ReportsTexts.UseWalking, ReportsTexts.UseIdle, ReportsTexts.UseIdleWaitedFor, ReportsTexts.UsePaused, ReportsTexts.UseSuspended }.Select(t => (Say(ReportsTexts.InMinutes.With(t)), true)),
        // Nobody is signed in while a window is closed.
        .. isStaff ? Array.Empty<(string, bool)>() : [(Say(ReportsTexts.InMinutes.With(ReportsTexts.UseClosed)), true)],
        (Say(ReportsTexts.InMinutes.With(ReportsTexts.Sum)), true), (Say(ReportsTexts.ShareServing), true),
    ];

    private static string[] UseRow(string name, ReportUse row, bool isStaff)
    {
        var (parts, whole) = (Parts(row.Time, isStaff), Parts(row.Time, isStaff).Sum());
        return [name, ReportFigures.Count(row.Served), .. parts.Select(p => ReportFigures.Minutes(p)), ReportFigures.Minutes(whole), ReportFigures.Percent(row.Time.ServingSeconds + row.Time.WalkingSeconds, whole)];
    }

    private static double[] Parts(ReportTime time, bool isStaff) =>
        [time.ServingSeconds, time.WalkingSeconds, time.IdleSeconds, time.IdleWaitedForSeconds, time.PausedSeconds.Values.Sum(), time.SuspendedSeconds, .. isStaff ? Array.Empty<double>() : [time.ClosedSeconds]];

    // Legs that nobody called have no window, and windows that nobody signed in at are nobody's time.
    private static IEnumerable<ReportUse> Used(IReadOnlyList<ReportUse> rows) => rows.Where(r => !string.IsNullOrEmpty(r.Key) && Parts(r.Time, isStaff: false).Sum() > 0);

    private string WindowOf(string key) => string.Join(' ', new[] { Say(CommonTexts.WindowNumber.With(key)), _names.Windows.TryGetValue($"{HallId}/{key}", out var name) ? Say(name) : "" }.Where(w => w.Length > 0));

    private string NameOf(IReadOnlyDictionary<string, Text> names, string key, bool inHall = false) => names.TryGetValue(inHall ? $"{HallId}/{key}" : key, out var name) ? Say(name) : key;

    private static Text Plain(long n) => Plain(ReportFigures.Count(n));

    private static Text Plain(string figure) => new(figure, figure);

    private static Text PartOf(ReportShare share) => ReportsTexts.PartOf.With(ReportFigures.Count(share.Part), ReportFigures.Count(share.Of));

    protected override async Task<PageAnswer?> LoadAsync(CancellationToken cancel)
    {
        if (Caller.Account is null) return PageAnswer.SignInFor(Http.Request);
        if (await LoadHallsAsync(cancel) is { } answer) return answer;
        if (Refuses(HallId) is { } no) return no;
        _hall = Mine.First(h => h.Hall.Value == HallId);
        if (await Server.FindReportAsync(_hall.Hall, Period, cancel) is not { } report) return new PageAnswer(StatusCodes.Status404NotFound, StoredReportsTexts.UnknownTitle, ProblemTexts.Of("UnknownReport"));
        (_report, _names) = (report, await NamesAsync([_hall], cancel));
        return null;
    }
}
