namespace HallOps.Core.Halls;

// What people look at, as API.md writes it on the wire (camelCase). Times carry the hall's offset. Pure data, made by HallPicture from the confirmed state.

/// <summary>Seconds, as a range.</summary>
public sealed record EstimateView(int LowSeconds, int MedianSeconds, int HighSeconds);

/// <summary><c>GET halls/{hall}</c>.</summary>
/// <param name="RemoteIssue">Whether anybody may take a number from their own phone.</param>
public sealed record HallView(string Hall, Text Name, IReadOnlyList<ServiceView> Services, IReadOnlyList<LineView> Lines, IReadOnlyList<WindowView> Windows, IReadOnlyList<ZoneView> Zones, TimelineView? Timeline, bool RemoteIssue);

public sealed record ServiceView(string Service, Text Name, string Line, ServiceKind Kind, IReadOnlyList<Text> Materials, Text? Fee, int? PromisedDays, bool OfferedNow);

public sealed record LineView(string Line, string Prefix, Text Name);

public sealed record WindowView(string Window, WindowKind Kind, string? Zone, Text? Name);

public sealed record ZoneView(string Zone, Text Name);

/// <summary><c>GET halls/{hall}/board</c>, and the state of the topics hall and zone.</summary>
/// <param name="Suspended">Null unless the whole hall is suspended.</param>
/// <param name="Calls">Newest first: those still called, and the last ones; at most <see cref="HallPicture.LastCalls"/>.</param>
/// <param name="Next">The first three waiting of each line, in score order.</param>
/// <param name="Missed">Numbers missed within <c>returnMinutes</c>, newest first.</param>
/// <param name="OpensAt">When the next session begins, where none runs.</param>
public sealed record HallBoard(string Hall, long Sequence, DateTimeOffset AsOf, bool Open, SuspensionView? Suspended, IReadOnlyList<LineBoard> Lines, IReadOnlyList<WindowBoard> Windows,
    IReadOnlyList<CallView> Calls, IReadOnlyList<NextView> Next, IReadOnlyList<MissedView> Missed, IReadOnlyList<NoticeView> Notices,
    DateTimeOffset? OpensAt = null);

/// <param name="Reason">The hash of the reason; who shows it puts the words in its place.</param>
public sealed record SuspensionView(TextHash Reason, DateTimeOffset? Until);

/// <param name="Waiting">Tickets of the line that wait, reserved ones included.</param>
/// <param name="OpenWindows">Open, not paused windows with the line in their profile.</param>
/// <param name="Estimate">For one who joins now; null without such a window.</param>
public sealed record LineBoard(string Line, Text Name, string Prefix, int Waiting, int OpenWindows, EstimateView? Estimate, SuspensionView? Suspended);

/// <param name="Ticket">The number called or served there; null when none.</param>
/// <param name="AlsoFor">Windows whose services it takes along; null for none.</param>
public sealed record WindowBoard(string Window, Text? Name, string? Zone, WindowStatus State, string? Ticket, StaffView? Staff, IReadOnlyList<string> Lines, PauseReason? Reason, DateTimeOffset? ReopensAt, string? GoTo,
    IReadOnlyList<string>? AlsoFor = null);

/// <summary>As on the window's screen: photograph, name, number.</summary>
public sealed record StaffView(string Staff, Text Name, string? Number, string? Photo);

public sealed record CallView(string Ticket, string Window, DateTimeOffset CalledAt, int Times);

public sealed record NextView(string Line, IReadOnlyList<string> Tickets);

public sealed record MissedView(string Ticket, string Line, string Window, DateTimeOffset MissedAt);

/// <param name="Text">Of the hall's document; null for one that a manager posted.</param>
/// <param name="Posted">The hash of the words posted; who shows it puts them in the place of <paramref name="Text"/>.</param>
/// <param name="Notice">By which a posted one is taken down.</param>
/// <param name="Until">When a posted one is over.</param>
public sealed record NoticeView(Text? Text, string? Zone, TextHash? Posted = null, long? Notice = null, DateTimeOffset? Until = null);

/// <summary><c>GET tickets/{token}</c>, and the state of the topic ticket.</summary>
/// <param name="Hall">Whose ticket it is: a token does not say it.</param>
/// <param name="Ahead">Null unless waiting.</param>
/// <param name="CalledAt">Of the last call; null before the first.</param>
/// <param name="AwayUntil">Back by then; null unless away.</param>
/// <param name="ReservedFor">The window that calls it next, to which it was sent or comes back; null where any of its line may.</param>
/// <param name="Slot">Of the appointment that it was issued for; null for none.</param>
/// <param name="Suspended">Why it is not called for the moment; null where nothing of its is suspended.</param>
/// <param name="ToldOnce">Slips that still count; null where there is none.</param>
/// <param name="Leg">The leg that runs or was the last; of a joint visit that waits in several lines, the one that the rest is told of.</param>
/// <param name="Matter">The joint service that was asked for; null for any other.</param>
/// <param name="Instead">What is left to one whom nobody serves any more today; null for any other.</param>
public sealed record TicketView(string Hall, string Number, TicketState State, int? Ahead, EstimateView? Estimate, string? Window, DateTimeOffset? CalledAt, DateTimeOffset? AwayUntil, Explanation? Explanation, IReadOnlyList<LegView> Legs,
    string? ReservedFor = null, DateTimeOffset? Slot = null, SuspensionView? Suspended = null, IReadOnlyList<ToldOnceView>? ToldOnce = null, int Leg = 1, IReadOnlyList<AlternativeView>? Instead = null, string? Matter = null);

/// <summary>A way that is left to somebody who is not served today: <c>session</c>, when numbers are given again; <c>appointment</c>, the first free slot.</summary>
public sealed record AlternativeView(string Kind, DateTimeOffset At);

/// <summary>The holder was sent home for what is missing: this ticket's token is the slip, for a number in class <c>returning</c>.</summary>
/// <param name="Service">What the number may be for.</param>
/// <param name="Times">Which time it is for this matter.</param>
/// <param name="Missing">The hash of what is missing; who shows it puts the words in its place.</param>
public sealed record ToldOnceView(string Service, DateTimeOffset Until, int Times, TextHash? Missing);

/// <summary>What an explanation says.</summary>
public enum ExplanationKind { Issued, Waiting, NoWindow, Suspended, NextAtWindow, NextAnywhere, Called, Serving, Held, HeldByLine, Away, Missed, MissedTooLong, Over }

/// <summary>Why a holder is where they are; on the wire one sentence in Chinese and one in English, <c>{zh, en}</c>, worded where it is shown.</summary>
/// <param name="Ahead">Waiting tickets before this one.</param>
/// <param name="Window">Where it is, or will be called.</param>
/// <param name="At">Waiting: when it was last passed over. Away, missed: until when the place is kept. Suspended: until when, if anybody knows. No window: when the next one is on duty. Over for today: when the next day's begins.</param>
/// <param name="Overtaken">How many were called before it although it came first.</param>
/// <param name="AtMost">How many more can be.</param>
/// <param name="By">The priority class of the last of them; null for one without, or not remembered.</param>
public sealed record Explanation(ExplanationKind Kind, int Ahead = 0, string? Window = null, DateTimeOffset? At = null, int Overtaken = 0, int AtMost = 0, Text? By = null);

/// <param name="Outcome">Null while the leg is open.</param>
public sealed record LegView(int Leg, string Service, string Line, TicketState State, string? Window, LegOutcome? Outcome, Grade? Grade);

/// <summary>The board with the tickets that are live, for those who run the floor; the state of the topic floor.</summary>
/// <param name="Seats">In the document's order of windows.</param>
/// <param name="SuspendedServices">In the document's order; services of a suspended line or hall are not among them for that.</param>
public sealed record HallFloor(HallBoard Board, IReadOnlyList<FloorTicket> Tickets, IReadOnlyList<FloorSeat> Seats, IReadOnlyList<SuspendedService> SuspendedServices);

/// <param name="CalledAt">The present summons; null before the first.</param>
/// <param name="StartedAt">Null unless serving.</param>
/// <param name="Window">Where it is, was called last, or is reserved for.</param>
/// <param name="NoShow">Null unless it may be called missed once it is time.</param>
/// <param name="HeldAt">Since when it is held; null unless it is.</param>
/// <param name="AwayUntil">Until when it is away; null unless it is.</param>
/// <param name="Cases">Matters brought on this number.</param>
/// <param name="Source">Where it was asked for: an agent's is on somebody else's behalf.</param>
/// <param name="Told">How often the visitor was sent home for this matter before.</param>
/// <param name="Also">The other lines of a joint visit, in which it waits as well or will when what runs is over; null for any other.</param>
/// <param name="Matter">The joint service that was asked for, of which <paramref name="Service"/> is a part; null for any other.</param>
/// <param name="Owner">The member of staff who answers for the visitor's matter; null before anybody with a name served.</param>
public sealed record FloorTicket(string Id, string Ticket, string Line, string Service, string Class, TicketState State, DateTimeOffset Since, string? Window,
    DateTimeOffset? CalledAt, int Times, DateTimeOffset? StartedAt, NoShowView? NoShow, DateTimeOffset? HeldAt, DateTimeOffset? AwayUntil, string? Owner, int Cases, TicketSource Source, int Told, IReadOnlyList<string>? Also = null, string? Matter = null);

/// <summary>When a ticket that was called may be called missed.</summary>
/// <param name="AllowedAt">With the calls still lacking made as soon as each of them counts.</param>
/// <param name="CallsLacking">0: from <paramref name="AllowedAt"/> on.</param>
public sealed record NoShowView(DateTimeOffset AllowedAt, int CallsLacking);

/// <summary>Who sits at a window and what it serves: for those who run the floor only.</summary>
/// <param name="Account">Null: closed.</param>
public sealed record FloorSeat(string Window, string? Account, string? Staff, ExpectedView? Expected, IReadOnlyList<ProfileView> Profile);

/// <param name="Offered">How much of the line whoever sits there can do; all where nobody sits.</param>
public sealed record ProfileView(string Line, int AfterMinutes, int OnlyAfterWaitMinutes, Offered Offered);

/// <summary>How many of a line's services a window offers.</summary>
public enum Offered { All, Some, None }

public sealed record SuspendedService(string Service, SuspensionView Suspension);

/// <summary>What the pages of clerks and managers need of a hall's settings beside its floor.</summary>
/// <param name="OutcomeRequired">The hall asks for an outcome of every service.</param>
/// <param name="StandIns">The members of staff named as B, by window.</param>
public sealed record HallDesk(Text Name, HallFloor Floor, IReadOnlyList<DeskService> Services, IReadOnlyList<DeskClass> Classes, IReadOnlyList<StaffView> Staff, IReadOnlyList<ZoneView> Zones,
    bool OutcomeRequired, IReadOnlyDictionary<string, IReadOnlyList<string>> StandIns);

public sealed record DeskService(string Service, Text Name, string Line, ServiceKind Kind, IReadOnlyList<Text> Materials);

public sealed record DeskClass(string Class, Text Name);

/// <summary>What a ticket's slip says, printed again: places and times are of now.</summary>
public sealed record SlipView(TicketId Id, string Number, string Line, string Service, TicketState State, int Ahead, EstimateView? Estimate, DateTimeOffset IssuedAt);

/// <summary>The leg that the window's pad may rate now.</summary>
public sealed record RateableView(TicketId Ticket, int Leg, string Service);

/// <summary>A hall in a list.</summary>
/// <param name="Estimate">Of the line one waits longest for; null where no line has a window.</param>
/// <param name="NextAt">When time alone changes the hall next.</param>
/// <param name="OpensAt">When the next session begins, where none runs.</param>
/// <param name="Zone">The time zone's id.</param>
public sealed record HallListing(string Hall, Text Name, IReadOnlyList<Text> Region, (double Longitude, double Latitude)? Location, HallKind Kind, int? Level, bool Open, int Waiting,
    EstimateView? Estimate, Instant? NextAt, long Sequence, DateTimeOffset? OpensAt = null, string? Zone = null);

/// <summary>A slot that may be booked.</summary>
/// <param name="Free">0 to <paramref name="Capacity"/>.</param>
public sealed record SlotView(DateTimeOffset Slot, int Capacity, int Free);
