using HallOps.Core.Halls;

namespace HallOps.Displays.Texts;

/// <summary>What the page of how the halls run says; problems of the clock and the schedule are in the server's own words.</summary>
public static class AdminTexts
{
    public static TextFile File { get; } = new("Admin");

    public static Text Title => File.Of();
    public static Text Start => File.Of();
    public static Text Clock => File.Of();
    public static Text HallTime => File.Of();
    public static Text SystemTime => File.Of();
    public static Text ClockFine => File.Of();
    public static Text DemoClock => File.Of();
    public static Text Step => File.Of();
    public static Text Accept => File.Of();
    public static Text Holidays => File.Of();
    public static Text HolidaysHint => File.Of();
    public static Text HolidaysFile => File.Of();
    public static Text HolidaysApply => File.Of();
    public static Text YearsBuiltIn => File.Of();
    public static Text YearsReplaced => File.Of();
    public static Text Would => File.Of();
    public static Text Same => File.Of();
    public static Text Applied => File.Of();
    public static Text Whom => File.Of();
    public static Text NotAsked => File.Of();
    public static Text Week => File.Of();
    public static Text Off => File.Of();
    public static Text On => File.Of();
    public static Text Next => File.Of();
    public static Text NextHint => File.Of();
    public static Text Hall => File.Of();
    public static Text NextAt => File.Of();
    public static Text LastPoke => File.Of();
    public static Text Late => File.Of();
    public static Text Pages => File.Of();
    public static Text Seconds => File.Of();
    public static Text Done => File.Of();
    public static Text Failed => File.Of();
    public static Text Calendar => File.Of();
    public static Text Document => File.Of();
    public static Text Work => File.Of();
    public static Text Snapshots => File.Of();
    public static Text Retention => File.Of();
}
