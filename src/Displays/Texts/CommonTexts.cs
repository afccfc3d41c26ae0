using HallOps.Core.Halls;

namespace HallOps.Displays.Texts;

/// <summary>What every page says.</summary>
public static class CommonTexts
{
    public static TextFile File { get; } = new("Common");

    public static Text HallOps => File.Of();
    public static Text SkipToContent => File.Of();
    public static Text OtherLanguage => File.Of();
    public static Text Demo => File.Of();
    public static Text NotUpdated => File.Of();
    public static Text Offline => File.Of();
    public static Text SecondsAgo => File.Of();
    public static Text MinutesAgo => File.Of();
    public static Text NeedsScript => File.Of();
    public static Text WindowNumber => File.Of();
    public static Text Window => File.Of();
    public static Text Ticket => File.Of();
    public static Text Closed => File.Of();
    public static Text Idle => File.Of();
    public static Text Calling => File.Of();
    public static Text Serving => File.Of();
    public static Text Paused => File.Of();
    public static Text ReopensAt => File.Of();
    public static Text PeopleWaiting => File.Of();
    public static Text AboutMinutes => File.Of();
    public static Text Suspended => File.Of();
    public static Text SignIn => File.Of();
    public static Text SignOut => File.Of();
    public static Text Back => File.Of();
    public static Text Close => File.Of();
    public static Text Cancel => File.Of();
    public static Text Confirm => File.Of();
    public static Text Home => File.Of();
    public static Text VerySatisfied => File.Of();
    public static Text Satisfied => File.Of();
    public static Text FairlySatisfied => File.Of();
    public static Text Dissatisfied => File.Of();
    public static Text VeryDissatisfied => File.Of();
    public static Text Today => File.Of();
    public static Text Tomorrow => File.Of();
    public static Text AtTime => File.Of();
    public static Text TomorrowAt => File.Of();
    public static Text DayAt => File.Of();
    public static Text Weekdays => File.Of();
    public static Text Months => File.Of();
    public static Text MonthDay => File.Of();
    public static Text NumbersFrom => File.Of();
    public static Text NoNumbersNow => File.Of();
    public static Text AppointmentsOnly => File.Of();
    public static Text LackingWindow => File.Of();
    public static Text LackingWork => File.Of();
    public static Text HoursToday => File.Of();
    public static Text NotOpenToday => File.Of();
    public static Text OpensAt => File.Of();
}
