using HallOps.Core.Halls;

namespace HallOps.Displays.Texts;

/// <summary>What the pages of stored reports say beside <see cref="ReportsTexts"/>.</summary>
public static class StoredReportsTexts
{
    public static TextFile File { get; } = new("StoredReports");

    public static Text Title => File.Of();
    public static Text Lead => File.Of();
    public static Text Choose => File.Of();
    public static Text NoneTitle => File.Of();
    public static Text None => File.Of();
    public static Text Months => File.Of();
    public static Text Days => File.Of();
    public static Text DailyTitle => File.Of();
    public static Text MonthlyTitle => File.Of();
    public static Text UnknownTitle => File.Of();
    public static Text BackToList => File.Of();
    public static Text AsOf => File.Of();
    public static Text Stays => File.Of();
    public static Text Live => File.Of();
    public static Text StoryTitleMonth => File.Of();
    public static Text TaleNobodyServed => File.Of();
    public static Text RatesTitle => File.Of();
    public static Text RatesDefinition => File.Of();
    public static Text Formula => File.Of();
    public static Text Response => File.Of();
    public static Text FormulaWithin => File.Of();
    public static Text FormulaNoShow => File.Of();
    public static Text FormulaAbandonment => File.Of();
    public static Text FormulaLeftUnserved => File.Of();
    public static Text FormulaSatisfaction => File.Of();
    public static Text FormulaResponse => File.Of();
    public static Text FormulaDoneAtOnce => File.Of();
    public static Text FormulaCameAgain => File.Of();
    public static Text FormulaFaster => File.Of();
    public static Text FormulaToldRight => File.Of();
    public static Text HoursDefinition => File.Of();
    public static Text DaysTitle => File.Of();
    public static Text DaysDefinition => File.Of();
    public static Text ServicesDefinition => File.Of();
    public static Text OutcomesDefinition => File.Of();
    public static Text NobodyServed => File.Of();
    public static Text RatingsNone => File.Of();
    public static Text Saturation => File.Of();
    public static Text NotOpen => File.Of();
    public static Text ToldTitle => File.Of();
    public static Text ToldDefinition => File.Of();
    public static Text ToldNone => File.Of();
    public static Text ToldCount => File.Of();
    public static Text ToldWithin => File.Of();
    public static Text ToldLonger => File.Of();
    public static Text ToldShorter => File.Of();
    public static Text ToldError => File.Of();
    public static Text Times => File.Of();
}
