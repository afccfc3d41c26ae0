using HallOps.Core.Halls;

namespace HallOps.Displays.Texts;

/// <summary>What the guide desk says.</summary>
public static class GuideTexts
{
    public static TextFile File { get; } = new("Guide");

    public static Text Title => File.Of();
    public static Text Find => File.Of();
    public static Text FindHint => File.Of();
    public static Text ChangeTo => File.Of();
    public static Text Class => File.Of();
    public static Text IdNumber => File.Of();
    public static Text IdNumberHint => File.Of();
    public static Text Results => File.Of();
    public static Text NothingFound => File.Of();
    public static Text Change => File.Of();
    public static Text NumberOf => File.Of();
    public static Text NumberHint => File.Of();
    public static Text Reprint => File.Of();
    public static Text BringBack => File.Of();
    public static Text Reclass => File.Of();
    public static Text ReclassOf => File.Of();
    public static Text ReclassNow => File.Of();
    public static Text ReclassSame => File.Of();
    public static Text UnknownNumber => File.Of();
    public static Text State => File.Of();
    public static Text Service => File.Of();
    public static Text Since => File.Of();
    public static Text Window => File.Of();
    public static Text Missed => File.Of();
    public static Text NobodyMissed => File.Of();
    public static Text Materials => File.Of();
    public static Text Days => File.Of();
    public static Text Immediate => File.Of();
    public static Text Waiting => File.Of();
    public static Text IssuedNow => File.Of();
    public static Text PrintedNow => File.Of();
    public static Text BackNow => File.Of();
    public static Text ChangedNow => File.Of();
    public static Text PrintFailed => File.Of();
    public static Text Override => File.Of();
    public static Text OverrideDo => File.Of();
    public static Text OverrideMissing => File.Of();
    public static Text NeedsId => File.Of();
    public static Text StateIssued => File.Of();
    public static Text StateWaiting => File.Of();
    public static Text StateCalled => File.Of();
    public static Text StateServing => File.Of();
    public static Text StateHeld => File.Of();
    public static Text StateMissed => File.Of();
    public static Text StateAway => File.Of();
}
