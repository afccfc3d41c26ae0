using HallOps.Core.Halls;

namespace HallOps.Displays.Texts;

/// <summary>The page that shows every token and component.</summary>
public static class DesignTexts
{
    public static TextFile File { get; } = new("Design");

    public static Text Title => File.Of();
    public static Text Lead => File.Of();
    public static Text Colour => File.Of();
    public static Text Type => File.Of();
    public static Text Sample => File.Of();
    public static Text Space => File.Of();
    public static Text Numbers => File.Of();
    public static Text States => File.Of();
    public static Text Good => File.Of();
    public static Text Warn => File.Of();
    public static Text Bad => File.Of();
    public static Text Tiles => File.Of();
    public static Text Lines => File.Of();
    public static Text Buttons => File.Of();
    public static Text Next => File.Of();
    public static Text Recall => File.Of();
    public static Text NoShow => File.Of();
    public static Text Disabled => File.Of();
    public static Text TakeNumber => File.Of();
    public static Text Fields => File.Of();
    public static Text Name => File.Of();
    public static Text NameHint => File.Of();
    public static Text Notices => File.Of();
    public static Text NoticeTells => File.Of();
    public static Text NoticeGood => File.Of();
    public static Text NoticeWarn => File.Of();
    public static Text Dialog => File.Of();
    public static Text OpenDialog => File.Of();
    public static Text DialogTitle => File.Of();
    public static Text DialogText => File.Of();
    public static Text Table => File.Of();
    public static Text TableCaption => File.Of();
    public static Text Line => File.Of();
    public static Text Waiting => File.Of();
    public static Text Served => File.Of();
    public static Text Grades => File.Of();
    public static Text GradeLegend => File.Of();
    public static Text Empty => File.Of();
    public static Text NobodyWaits => File.Of();
    public static Text NobodyWaitsText => File.Of();
    public static Text Icons => File.Of();
    public static Text Age => File.Of();
}
