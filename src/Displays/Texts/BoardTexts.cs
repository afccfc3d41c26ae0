using HallOps.Core.Halls;

namespace HallOps.Displays.Texts;

/// <summary>The hall board and the window screen.</summary>
public static class BoardTexts
{
    public static TextFile File { get; } = new("Board");

    public static Text BoardTitle => File.Of();
    public static Text WindowTitle => File.Of();
    public static Text CallsHeading => File.Of();
    public static Text NoCalls => File.Of();
    public static Text Free => File.Of();
    public static Text Paused => File.Of();
    public static Text Closed => File.Of();
    public static Text Waiting => File.Of();
    public static Text Minutes => File.Of();
    public static Text Missed => File.Of();
    public static Text Next => File.Of();
    public static Text MissedHint => File.Of();
    public static Text WindowPaused => File.Of();
    public static Text BackAt => File.Of();
    public static Text GoTo => File.Of();
    public static Text Suspended => File.Of();
    public static Text SuspendedUntil => File.Of();
    public static Text PleaseComeTo => File.Of();
    public static Text BeingServed => File.Of();
    public static Text ReadyForNext => File.Of();
    public static Text WindowClosed => File.Of();
    public static Text WindowPausedHere => File.Of();
    public static Text StaffNumber => File.Of();
    public static Text CalledTo => File.Of();
    public static Text SpokenCall => File.Of();
    public static Text SpokenDigits => File.Of();
    public static Text NoSound => File.Of();
    public static Text NoSoundHere => File.Of();
    public static Text WindowsPaused => File.Of();
    public static Text NotOpenNow => File.Of();
    public static Text OpensAt => File.Of();
    public static Text ResumesAt => File.Of();
    public static Text GoToWindow => File.Of();
    public static Text AlsoFor => File.Of();
}
