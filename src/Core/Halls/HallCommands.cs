namespace HallOps.Core.Halls;

/// <summary>Who stands behind a clerk's command: the account, the member of staff it is in this hall (if any), and whether it manages the hall.</summary>
public readonly record struct Clerk(string Account, StaffId? Staff, bool Manages);

/// <summary>Something a hall is asked to do. Decided by <see cref="Hall.Decide"/> into events or a refusal.</summary>
public abstract record HallCommand;

/// <summary>A command of the one who is signed in at a window, or of a manager.</summary>
public abstract record WindowCommand(WindowId Window, Clerk By) : HallCommand;

/// <summary>Creates the hall or changes it to a document. <paramref name="Number"/> is used only when the hall is new.</summary>
/// <param name="Number">The hall's number, never used before in this deployment.</param>
/// <param name="Document">The document, packed by <see cref="PackedDocument"/>; read without problems.</param>
/// <param name="IfVersion">Refused with <c>VersionChanged</c> unless the hall's document has this version; null: any.</param>
public sealed record ConfigureHall(uint Number, PackedDocument Document, TextHash? IfVersion = null) : HallCommand;

/// <summary>Asks for a number.</summary>
/// <param name="Class">Null: normal.</param>
/// <param name="Grants">What the caller's place and evidence allow it to grant.</param>
/// <param name="Age">Full years of the person of the ID number shown; null without one.</param>
/// <param name="Printed">False: the ticket is only <see cref="TicketState.Issued"/> until <see cref="MarkPrinted"/>; null or true: waiting at once.</param>
/// <param name="Remote">The caller is anonymous: only where <c>remoteIssue</c> is on.</param>
/// <param name="Override">The hash of a guide's reason to issue all the same where the quota, a full hall or admission would refuse.</param>
/// <param name="Cases">Several matters on one number, for an agent (代办); at least 1.</param>
/// <param name="Slip">The visit by which the visitor was sent home for this matter before, shown by its key.</param>
public sealed record IssueTicket(ServiceId Service, ClassId? Class, Grants Grants, int? Age, PersonId? Person, TicketSource Source, bool? Printed, bool Remote, TextHash? Override, int Cases = 1, TicketId? Slip = null) : HallCommand;

/// <summary>Books a slot.</summary>
/// <param name="Code">The key to it, drawn outside: unguessable, and refused with <c>CodeTaken</c> where the hall has it already.</param>
/// <param name="Slot">The slot's first instant.</param>
/// <param name="Remote">The caller is anonymous: only where <c>remoteIssue</c> is on.</param>
public sealed record BookAppointment(string Code, ServiceId Service, Instant Slot, PersonId? Person, bool Remote) : HallCommand;

/// <param name="Slot">The first instant of another slot of the same service.</param>
public sealed record MoveAppointment(string Code, Instant Slot) : HallCommand;

public sealed record CancelAppointment(string Code) : HallCommand;

/// <summary>The visitor with an appointment is there and gets a ticket.</summary>
/// <param name="Service">Refused unless the appointment is for this one; null: whatever it is for.</param>
/// <param name="Class">Null: the class of appointments where the hall has one and the visitor is in time, else normal.</param>
/// <param name="Person">Where the appointment was made without one.</param>
public sealed record CheckIn(string Code, ServiceId? Service, ClassId? Class, Grants Grants, int? Age, PersonId? Person, TicketSource Source, bool? Printed, bool Remote) : HallCommand;

public sealed record MarkPrinted(TicketId Ticket) : HallCommand;

public sealed record CancelTicket(TicketId Ticket) : HallCommand;

/// <summary>The guide's change of a wrong number: another service, its time kept. The number on the slip stays; a visitor already called is the window's to transfer.</summary>
public sealed record ChangeTicket(TicketId Ticket, ServiceId Service) : HallCommand;

/// <summary>A visitor who was missed, held or away is back: the holder's, kiosk's or guide's key.</summary>
public sealed record ReturnTicket(TicketId Ticket) : HallCommand;

/// <summary>The holder steps away and keeps the place; back by then, whether said or not.</summary>
public sealed record StepAway(TicketId Ticket, TimeSpan For) : HallCommand;

/// <summary>Another priority class for a visitor who waits, from a guide or manager, or by an ID number shown.</summary>
/// <param name="Grants">What the caller's place and evidence allow it to grant.</param>
/// <param name="Age">Full years of the person of the ID number shown; null without one.</param>
public sealed record ChangeClass(TicketId Ticket, ClassId Class, Grants Grants, int? Age) : HallCommand;

/// <summary>One rating of a finished service by the holder of the ticket.</summary>
public sealed record RateTicket(TicketId Ticket, Grade Grade, IReadOnlyList<string> Tags, TextHash? Comment) : HallCommand;

/// <summary>One rating on the pad of the window that served the leg; void once the next service there has started.</summary>
public sealed record RateAtWindow(WindowId Window, TicketId Ticket, int Leg, Grade Grade, IReadOnlyList<string> Tags) : HallCommand;

/// <param name="As">The member of staff to sit there; null with <see cref="Clerk.Staff"/> null: the account itself, with the whole profile on offer.</param>
public sealed record OpenWindow(WindowId Window, Clerk By, StaffId? As) : WindowCommand(Window, By);

public sealed record CloseWindow(WindowId Window, Clerk By) : WindowCommand(Window, By);

public sealed record PauseWindow(WindowId Window, Clerk By, PauseReason Reason, Instant? Until) : WindowCommand(Window, By);

public sealed record ResumeWindow(WindowId Window, Clerk By) : WindowCommand(Window, By);

/// <summary>The window's named B, or a manager, takes over a window left signed in; its ticket stays.</summary>
public sealed record TakeOverWindow(WindowId Window, Clerk By, StaffId? As) : WindowCommand(Window, By);

public sealed record CallNext(WindowId Window, Clerk By) : WindowCommand(Window, By);

/// <summary>One key: finish the present ticket, call the next.</summary>
public sealed record Next(WindowId Window, Clerk By, FinishOutcome? Outcome, TextHash? Missing) : WindowCommand(Window, By);

public sealed record Recall(WindowId Window, Clerk By) : WindowCommand(Window, By);

public sealed record StartService(WindowId Window, Clerk By) : WindowCommand(Window, By);

/// <param name="Items">Cases handed in on this number, at least 1; null: as many as were said when it was issued.</param>
/// <param name="Missing">The hash of the materials named missing.</param>
public sealed record FinishService(WindowId Window, Clerk By, FinishOutcome? Outcome, TextHash? Missing, int? Items) : WindowCommand(Window, By);

public sealed record MarkNoShow(WindowId Window, Clerk By) : WindowCommand(Window, By);

/// <summary>The visitor is sent away to copy or pay, and is not called until back.</summary>
public sealed record HoldTicket(WindowId Window, Clerk By) : WindowCommand(Window, By);

/// <summary>Passes the visitor on. One of the three is given.</summary>
/// <param name="Line">To a line: its service is the present one where it is of that line, else the line's first.</param>
/// <param name="To">To a window, which must be open: its service is the present one where it is on offer there, else the first that is.</param>
/// <param name="KeepPlace">Waiting counts from the first issue; else from now.</param>
/// <param name="ReturnHere">Back to this window when that is done.</param>
public sealed record Transfer(WindowId Window, Clerk By, LineId? Line, ServiceId? Service, WindowId? To, bool KeepPlace, bool ReturnHere) : WindowCommand(Window, By);

/// <summary>Stamps a stage; one of a ticket that is only called starts its service.</summary>
public sealed record MarkStage(WindowId Window, Clerk By, Stage Stage) : WindowCommand(Window, By);

/// <summary>Whoever sits there accepts the visitor's matter by name: its owner from now on.</summary>
public sealed record AcceptMatter(WindowId Window, Clerk By) : WindowCommand(Window, By);

/// <summary>The clerk's key for a visitor who is back: by the number of today.</summary>
public sealed record ReturnAtWindow(WindowId Window, Clerk By, string Number) : WindowCommand(Window, By);

/// <summary>A manager's call of a chosen number, with a reason.</summary>
public sealed record CallTicket(WindowId Window, Clerk By, string Number, TextHash Reason) : WindowCommand(Window, By);

/// <summary>A window's profile from now on. The manager's.</summary>
public sealed record ChangeProfile(WindowId Window, IReadOnlyList<ProfileLine> Profile) : HallCommand;

/// <summary>Stops issuing and calling for lines and services; both empty: the whole hall.</summary>
public sealed record Suspend(IReadOnlyList<LineId> Lines, IReadOnlyList<ServiceId> Services, TextHash Reason, Instant? Until) : HallCommand;

/// <summary>Ends suspensions: those named; both empty: every one, the hall's included.</summary>
public sealed record Resume(IReadOnlyList<LineId> Lines, IReadOnlyList<ServiceId> Services) : HallCommand;

/// <summary>Shows a notice on the boards until then, of one zone or (null) of all.</summary>
public sealed record PostNotice(TextHash Text, ZoneId? Zone, Instant Until) : HallCommand;

/// <summary>Takes a notice down before its time.</summary>
/// <param name="Notice">The sequence of its posting.</param>
public sealed record WithdrawNotice(long Notice) : HallCommand;

/// <summary>Nothing of its own: before any command the hall applies what is due.</summary>
public sealed record Poke : HallCommand;
