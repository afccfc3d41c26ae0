namespace HallOps.Core.Halls;

// The closed lists of DOMAIN.md. On the wire their names are camelCase, call reasons and codes PascalCase; in the journal their numbers stand,
// so members are only ever added at the end. A byte each: a hall keeps a day's visits in memory, twice.

/// <summary>Where a visit is in its life.</summary>
public enum TicketState : byte { Issued, Waiting, Called, Serving, Held, Missed, Away, Finished, Cancelled, Expired, Void }

/// <summary>What every leg ends in, exactly once; <see cref="Open"/> until then.</summary>
public enum LegOutcome : byte { Open, Void, Transferred, Served, Withdrawn, NoShow, Abandoned }

/// <summary>What the clerk says at the finish.</summary>
public enum FinishOutcome : byte { Done, Accepted, ToldOnce, Refused, Advice, Referred, Collected, Paid, Left }

/// <summary>Why a window is paused. <see cref="Schedule"/> is the timeline's own and no clerk's.</summary>
public enum PauseReason : byte { Break, Meal, Meeting, Errand, Handover, Equipment, Other, Schedule }

/// <summary>Five grades, best first; the last two are bad ratings.</summary>
public enum Grade : byte { VerySatisfied, Satisfied, FairlySatisfied, Dissatisfied, VeryDissatisfied }

/// <summary>Where a number was asked for.</summary>
public enum TicketSource : byte { Kiosk, Guide, Phone, Agent }

/// <summary>Why a ticket was the one called: the first that fits, in this order.</summary>
public enum CallReason : byte { Manager, Reserved, Returned, Due, Protected, Class, Help, FirstCome }

/// <summary>How the start of a service is known. <see cref="Time"/> alone is taken back by a recall or a no-show.</summary>
public enum StartKind : byte { Pressed, Next, CardRead, StageMark, Time }

/// <summary>What a window's screen shows.</summary>
public enum WindowStatus : byte { Closed, Idle, Calling, Serving, Paused }

/// <summary>The eight stages 咨询 收件 审查 受理 办理 收费 办结 评价.</summary>
public enum Stage : byte { Consultation, Receipt, Review, Acceptance, Processing, Payment, Completion, Rating }
