using HallOps.Core.Halls;

namespace HallOps.Displays.Texts;

/// <summary>What the page of a hall's document says; what the check finds is in the server's own words.</summary>
public static class HallDocumentTexts
{
    public static TextFile File { get; } = new("HallDocument");

    public static Text Title => File.Of();
    public static Text Lead => File.Of();
    public static Text Document => File.Of();
    public static Text Upload => File.Of();
    public static Text Download => File.Of();
    public static Text Hint => File.Of();
    public static Text Check => File.Of();
    public static Text Apply => File.Of();
    public static Text Reset => File.Of();
    public static Text Same => File.Of();
    public static Text Would => File.Of();
    public static Text WouldHint => File.Of();
    public static Text Refused => File.Of();
    public static Text RefusedHint => File.Of();
    public static Text OtherChanged => File.Of();
    public static Text Applied => File.Of();
    public static Text KindProblem => File.Of();
    public static Text KindWarning => File.Of();
    public static Text KindAdded => File.Of();
    public static Text KindRemoved => File.Of();
    public static Text KindChanged => File.Of();
    public static Text KindMoved => File.Of();
    public static Text What => File.Of();
    public static Text WhatMoves => File.Of();
    public static Text WhatStays => File.Of();
    public static Text WhatRefused => File.Of();
}
