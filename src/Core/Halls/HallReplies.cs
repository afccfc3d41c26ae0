namespace HallOps.Core.Halls;

/// <summary>
/// What a command that changed something is answered with. Made from the events and the state right after them, so that a repeat with the same
/// key gets the same answer again, after a restart too.
/// </summary>
public abstract record HallReply;

/// <summary>A number given out.</summary>
/// <param name="MayNotBeServed">Told and given all the same: by the estimate the work already waiting does not fit into the open, staffed time that is left today.</param>
public sealed record IssuedReply(TicketId Id, string Number, LineId Line, ServiceId Service, TicketState State, int Ahead, Estimate? Estimate, Instant IssuedAt, bool MayNotBeServed = false) : HallReply;

/// <summary>"The ticket" of every clerk's call.</summary>
/// <param name="CalledAt">The last summons, recalls not counted; null before the first.</param>
/// <param name="Times">Calls and recalls of the present summons.</param>
/// <param name="Outcome">What finish said; null before.</param>
public sealed record TicketReply(TicketId Id, string Number, LineId Line, ServiceId Service, ClassId Class, TicketState State, Instant Since, Instant? CalledAt, int Times,
    CallReason? Reason, int Overtook, string? FirstOvertaken, FinishOutcome? Outcome) : HallReply;

/// <summary>Both null when there was nothing to finish and nobody waits.</summary>
public sealed record NextReply(TicketReply? Finished, TicketReply? Called) : HallReply;

/// <summary>A window after open, close, pause, resume, take-over or a new profile.</summary>
public sealed record WindowReply(WindowId Window, WindowStatus State, string? Account, StaffId? Staff, PauseReason? Reason, Instant? Until, string? Ticket) : HallReply;

/// <summary>The holder's answer to cancel and back.</summary>
public sealed record HolderReply(TicketId Id, string Number, TicketState State) : HallReply;

public sealed record RatingReply(TicketId Id, string Number, int Leg, Grade Grade) : HallReply;

/// <param name="Created">The hall is new.</param>
public sealed record ConfiguredReply(HallId Hall, uint Number, TextHash Version, bool Created) : HallReply;

/// <param name="Notice">The sequence of its posting, by which it is taken down.</param>
public sealed record NoticeReply(long Notice, Instant Until) : HallReply;

/// <summary>What is suspended now: the hall, and the lines and services beside it.</summary>
public sealed record SuspensionReply(bool Hall, IReadOnlyList<LineId> Lines, IReadOnlyList<ServiceId> Services) : HallReply;

/// <summary>An appointment after book, move or cancel.</summary>
/// <param name="From">From when the visitor may check in; null once it is cancelled.</param>
/// <param name="Until">Until when; null once it is cancelled.</param>
public sealed record AppointmentReply(string Code, ServiceId Service, Instant Slot, Instant? From, Instant? Until, AppointmentState State) : HallReply;

/// <summary>The number of one who came with an appointment.</summary>
/// <param name="Late">After the grace: an ordinary number.</param>
public sealed record CheckedInReply(IssuedReply Issued, string Code, Instant Slot, bool Late) : HallReply;
