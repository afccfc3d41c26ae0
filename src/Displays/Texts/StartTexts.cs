using HallOps.Core.Halls;

namespace HallOps.Displays.Texts;

/// <summary>The start page and the tour of the demonstration.</summary>
public static class StartTexts
{
    public static TextFile File { get; } = new("Start");

    public static Text Title => File.Of();
    public static Text DemoTitle => File.Of();
    public static Text DemoLead => File.Of();
    public static Text DemoInvented => File.Of();
    public static Text HallTime => File.Of();
    public static Text HallSpeed => File.Of();
    public static Text ChooseHall => File.Of();
    public static Text Shown => File.Of();
    public static Text LastCall => File.Of();
    public static Text NobodyCalled => File.Of();
    public static Text Waiting => File.Of();
    public static Text Open => File.Of();
    public static Text Tour => File.Of();
    public static Text TourLead => File.Of();
    public static Text ForVisitors => File.Of();
    public static Text ForStaff => File.Of();
    public static Text Board => File.Of();
    public static Text BoardLook => File.Of();
    public static Text Kiosk => File.Of();
    public static Text KioskLook => File.Of();
    public static Text Ticket => File.Of();
    public static Text TicketLook => File.Of();
    public static Text WindowScreen => File.Of();
    public static Text WindowScreenLook => File.Of();
    public static Text Pad => File.Of();
    public static Text PadLook => File.Of();
    public static Text Counter => File.Of();
    public static Text CounterLook => File.Of();
    public static Text Guide => File.Of();
    public static Text GuideLook => File.Of();
    public static Text Floor => File.Of();
    public static Text FloorLook => File.Of();
    public static Text OpenIt => File.Of();
    public static Text TakeIt => File.Of();
    public static Text SignInAs => File.Of();
    public static Text SignIns => File.Of();
    public static Text SignInsLead => File.Of();
    public static Text RoleClerk => File.Of();
    public static Text RoleGuide => File.Of();
    public static Text RoleManager => File.Of();
    public static Text RoleAnalyst => File.Of();
    public static Text RoleAdmin => File.Of();
    public static Text RoleClerkMay => File.Of();
    public static Text RoleGuideMay => File.Of();
    public static Text RoleManagerMay => File.Of();
    public static Text RoleAnalystMay => File.Of();
    public static Text RoleAdminMay => File.Of();
    public static Text SignInShort => File.Of();
    public static Text SignedInAs => File.Of();
    public static Text HallsTitle => File.Of();
    public static Text HallsLead => File.Of();
    public static Text FindHall => File.Of();
    public static Text Find => File.Of();
    public static Text NoHallFound => File.Of();
    public static Text NoHallFoundText => File.Of();
    public static Text MoreHalls => File.Of();
    public static Text EmptyTitle => File.Of();
    public static Text EmptyText => File.Of();
    public static Text EmptySetUp => File.Of();
    public static Text EmptyImport => File.Of();
    public static Text EmptyDemo => File.Of();
    public static Text Calendar => File.Of();
    public static Text CalendarLook => File.Of();
    public static Text ReportsLook => File.Of();
    public static Text Document => File.Of();
    public static Text DocumentLook => File.Of();
}
