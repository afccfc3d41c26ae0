using HallOps.Core.Halls;

namespace HallOps.Displays.Texts;

/// <summary>The rating pad at a window.</summary>
public static class PadTexts
{
    public static TextFile File { get; } = new("Pad");

    public static Text Title => File.Of();
    public static Text Window => File.Of();
    public static Text RestTitle => File.Of();
    public static Text RestText => File.Of();
    public static Text ServedBy => File.Of();
    public static Text Ask => File.Of();
    public static Text Submit => File.Of();
    public static Text Thanks => File.Of();
    public static Text ThanksText => File.Of();
    public static Text Closed => File.Of();
    public static Text ClosedText => File.Of();
    public static Text Already => File.Of();
    public static Text AlreadyText => File.Of();
    public static Text Failed => File.Of();
    public static Text FailedText => File.Of();
    public static Text Sending => File.Of();
}
