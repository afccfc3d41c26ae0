using HallOps.Core.Halls;

namespace HallOps.Displays.Texts;

/// <summary>What a page says in the place of itself: not found, not enrolled, no rights.</summary>
public static class AnswerTexts
{
    public static TextFile File { get; } = new("Answer");

    public static Text NotFoundTitle => File.Of();
    public static Text NotFound => File.Of();
    public static Text UnknownHallTitle => File.Of();
    public static Text UnknownHall => File.Of();
    public static Text UnknownZoneTitle => File.Of();
    public static Text UnknownZone => File.Of();
    public static Text UnknownWindowTitle => File.Of();
    public static Text UnknownWindow => File.Of();
    public static Text UnknownTicketTitle => File.Of();
    public static Text UnknownTicket => File.Of();
    public static Text NotEnrolledTitle => File.Of();
    public static Text NotEnrolled => File.Of();
    public static Text OtherDeviceTitle => File.Of();
    public static Text OtherDevice => File.Of();
    public static Text NoRightsTitle => File.Of();
    public static Text NoRights => File.Of();
    public static Text UnavailableTitle => File.Of();
    public static Text Unavailable => File.Of();
}
