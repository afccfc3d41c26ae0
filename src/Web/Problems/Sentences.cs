using System.Collections.Frozen;

namespace HallOps.Web.Problems;

/// <summary>What a code is called, which status it has, and one sentence on what to do next.</summary>
public sealed record Sentence(int Status, string Title, string Detail);

/// <summary>The words of every code on the wire, in one place. Codes are stable; words may be improved.</summary>
public static class Sentences
{
    private static readonly FrozenDictionary<string, Sentence> All = new Dictionary<string, Sentence>
    {
        // The request itself.
        ["BadField"] = new(400, "A field is wrong", "A field of the request is wrong; correct it and send the request again."),
        ["NotJson"] = new(400, "The body is not JSON", "Send the body as one JSON object in UTF-8."),
        ["BodyMissing"] = new(400, "The body is missing", "Send a JSON object with the fields this call needs."),
        ["BadKey"] = new(400, "The Idempotency-Key is wrong", "Send an Idempotency-Key of at most 255 characters, and of at least 16 when you are not signed in."),
        ["BadRequest"] = new(400, "The request cannot be read", "Check the request's form and send it again."),
        ["SignInNeeded"] = new(401, "Sign in first", "Sign in and send the request again."),
        ["NotAllowed"] = new(403, "Not allowed", "You may not do this here; ask the hall's manager if you should."),
        ["NotFound"] = new(404, "Not found", "There is nothing at this address; check it."),
        ["MethodNotAllowed"] = new(405, "Not with this method", "Use a method that the Allow header names."),
        ["TooLarge"] = new(413, "The body is too large", "Send a smaller body."),
        ["NotJsonType"] = new(415, "The body's type is wrong", "Send the body with the Content-Type application/json."),
        ["KeyReused"] = new(422, "The Idempotency-Key was used for something else", "Take a new Idempotency-Key: this one was sent before with another body."),
        ["TooManyRequests"] = new(429, "Too many requests", "Wait for the seconds that Retry-After names, then try again."),
        ["Unexpected"] = new(500, "Something went wrong here", "It is our fault and has been logged; try again, and tell the operator if it stays."),

        // What the path names.
        ["UnknownHall"] = new(404, "No such hall", "There is no hall of this name; GET /api/v1/halls lists them."),
        ["UnknownWindow"] = new(404, "No such window", "The hall has no window of this name; its description lists them."),
        ["UnknownZone"] = new(404, "No such zone", "The hall has no zone of this name; its description lists them."),
        ["UnknownTicket"] = new(404, "No such ticket", "No ticket of this number or token is known; check it, or take a new number."),

        ["UnknownReport"] = new(404, "No such report", "No report of this day or month is stored for the hall; GET /api/v1/reports?hall= lists those there are."),
        ["UnknownAppointment"] = new(404, "No such appointment", "There is no appointment of this code; check it, or book again."),

        // What a field names.
        ["UnknownService"] = new(400, "No such service", "The hall has no such service; its description lists them."),
        ["UnknownClass"] = new(400, "No such priority class", "The hall has no such priority class; leave class out for the normal one."),
        ["UnknownLine"] = new(400, "No such line", "The hall has no such line; its description lists them."),
        ["UnknownStaff"] = new(400, "No such member of staff", "The hall has no such member of staff; its document lists them."),
        ["IdentityRequired"] = new(400, "This service needs an ID number", "Give idNumber: this service is only for people who show their ID card."),

        // The rules' refusals.
        ["ClassNotGranted"] = new(403, "The class is not granted", "This priority class cannot be granted here; take a normal number or ask the guide."),
        ["RemoteIssueOff"] = new(403, "Numbers are given in the hall only", "This hall gives no numbers by phone; take one at its kiosk or from the guide."),
        ["NotScheduled"] = new(409, "Not on duty now", "The calendar has this window closed now; it opens by itself when it is time."),
        ["HallClosed"] = new(409, "The hall is closed", "No numbers are given now; come back when the hall is open."),
        ["ServiceNotOffered"] = new(409, "The service is not offered now", "Nobody serves this now; choose another service or come at another time."),
        ["Suspended"] = new(409, "Suspended", "This is suspended for now; the reason and the time it ends are shown in the hall."),
        ["QuotaReached"] = new(409, "All numbers of this time are given out", "Come at a later time or on another day."),
        ["HallFull"] = new(409, "The hall is full", "So many people wait that no more numbers are given; come later or ask the guide."),
        ["CannotBeServedToday"] = new(409, "Too late for today", "You could not be served before the end of today; choose one of the alternatives."),
        ["AlreadyWaiting"] = new(409, "There is a number already", "This person already has a live number for this service; use that one."),
        ["WindowInUse"] = new(409, "The window is in use", "Somebody is signed in at this window; take it over or open another."),
        ["AlreadyAtWindow"] = new(409, "Signed in at another window", "A person is at one window only; close the other one first."),
        ["NotStandIn"] = new(409, "Not the named stand-in", "Only the window's named stand-in or a manager may take it over."),
        ["TooManyHeld"] = new(409, "Too many are held", "Serve one of those whom this window holds first, or pass this visitor on."),
        ["JointVisit"] = new(409, "A joint number", "This matter has several services on one number; cancel it and issue another instead of changing or passing it on."),
        ["UnknownSlip"] = new(404, "Unknown slip", "This slip is not known here, was used already, or its days are over."),
        ["NobodyNamed"] = new(409, "Nobody named sits here", "Only a member of staff can answer for a matter; sign in at the window as one."),
        ["WindowBusy"] = new(409, "There is a ticket at the window", "Finish the ticket at this window, or mark it a no-show, first."),
        ["WindowNotOpen"] = new(409, "The window is not open", "Open or resume the window first, signed in as the one who sits there."),
        ["NothingCalled"] = new(409, "Nobody is called", "Call a ticket first."),
        ["NotStarted"] = new(409, "The service has not started", "Start the service first, or mark a no-show."),
        ["AlreadyStarted"] = new(409, "The service has started", "The visitor is being served; finish the service instead."),
        ["TooEarly"] = new(409, "Too early for a no-show", "Call the visitor again and give them the time that allowedAt names."),
        ["OutcomeRequired"] = new(409, "An outcome is needed", "Say what the service ended in: this hall asks for an outcome."),
        ["WrongState"] = new(409, "The ticket's state does not allow this", "Look at the ticket's state; what you ask for does not follow from it."),
        ["DayOver"] = new(409, "The service day is over", "This ticket belongs to a day that is over; take a new number."),
        ["NotFinished"] = new(409, "The service is not finished", "Rate when the service is finished."),
        ["AlreadyRated"] = new(409, "Rated already", "This service has its rating; one counts, thank you."),
        ["RatingClosed"] = new(409, "The rating is closed", "The next service has begun at this window; rate with the ticket's own link instead."),
        ["InUse"] = new(409, "What would go is in use", "Wait until nobody waits for it or is signed in to it, or change those numbers first, then change the document again."),
        ["VersionChanged"] = new(412, "The document has changed", "Somebody changed the document meanwhile; read it again, make your change in it and send it with the new ETag."),
        ["UnknownNotice"] = new(404, "No such notice", "There is no such notice any more; the board lists those there are."),
        ["NoticeOver"] = new(409, "The time is over", "Name a time in the future, until which the notice is shown."),
        ["TooManyNotices"] = new(409, "Too many notices", "Take one of the notices down first: people read only so many."),
        ["NoAppointments"] = new(409, "Without appointments", "There are no appointments for this service; take a number in the hall."),
        ["SlotClosed"] = new(409, "The slot cannot be booked", "This is no slot, or it has begun, or is too far away; GET slots lists those there are."),
        ["SlotFull"] = new(409, "The slot is full", "All appointments of this slot are taken; choose another one."),
        ["AlreadyBooked"] = new(409, "There is an appointment already", "This person has an appointment for this service on that day; move or cancel it."),
        ["CodeTaken"] = new(503, "Not booked", "Nothing was booked; send the same request with the same Idempotency-Key again."),
        ["AppointmentOver"] = new(409, "The appointment is over", "The visitor has come, or the time has passed; book again where there is need."),
        ["OtherService"] = new(409, "The appointment is for another service", "Leave the service out, or name the one that the appointment is for."),
        ["AlreadyCheckedIn"] = new(409, "There is a number already", "This appointment has its number already; use that one."),
        ["TooEarlyToCheckIn"] = new(409, "Too early to check in", "Come back at the time that from names, shortly before the appointment."),
        ["NotSuspended"] = new(409, "Nothing is suspended", "There is no such suspension to end."),

        // The engine cannot now.
        ["NotRecorded"] = new(503, "Not recorded", "Nothing was stored; send the same request with the same Idempotency-Key again."),
        ["OutcomeUnknown"] = new(503, "Perhaps recorded", "It may have been stored; send the same request with the same Idempotency-Key again, which is always safe."),
        ["HallBusy"] = new(503, "The hall has too much to do", "Wait a second and send the same request again."),
        ["JournalUnavailable"] = new(503, "Nothing can be recorded now", "The store cannot write; send the same request again shortly, and go to the service desk if it stays."),
        ["DatabaseUnavailable"] = new(503, "The database does not answer", "Halls go on; send the same request again shortly, and tell the operator if it stays."),
        ["Quarantined"] = new(503, "The hall stands still", "The hall's records are damaged and it waits for the operator; go to the service desk."),
        ["NotOwner"] = new(503, "Another server has the halls", "Send the same request again in a few seconds."),

        // Accounts and devices.
        ["WrongSignIn"] = new(401, "Not signed in", "User, password or code is wrong, or there were too many tries; check them, and wait five minutes after five failures."),
        ["UserTaken"] = new(409, "The user is taken", "There is an account of this user already; choose another user."),
        ["UnknownAccount"] = new(404, "No such account", "There is no such account in your halls."),
        ["LastAdmin"] = new(409, "The last admin", "Make another account an admin of every hall first: somebody must be able to manage the accounts."),
        ["TotpNeeded"] = new(409, "A second factor is needed", "Enrol an authenticator app first: POST account/totp, then account/totp/confirm, both with the token given here."),
        ["TotpOn"] = new(409, "There is a second factor", "End the present second factor first, or have an admin end it where the app is lost."),
        ["TotpOff"] = new(409, "There is no second factor", "This account has no second factor to end."),
        ["TotpNotBegun"] = new(409, "Nothing to confirm", "Ask for a secret with POST account/totp first, and enter it into the app."),
        ["UnknownDevice"] = new(404, "No such device", "There is no such device in your halls."),
        ["UnknownCode"] = new(404, "The code is not good", "No device shows this code now; look at its screen, or let it show a new one."),
        ["UnknownLink"] = new(404, "The link is not good", "The link was used, is too old or was never made; have a new one made."),
        ["NoClockStep"] = new(409, "No such step", "The system clock has not taken this step, or halls follow it already; GET schedule shows what there is."),

        // The hub's own.
        ["TooManyTopics"] = new(409, "Too many topics", "One connection watches at most 64 topics; end some first."),
        ["BadOrigin"] = new(403, "Not from this site", "Pages of other sites may not connect here."),
        ["DevicesOnly"] = new(403, "For devices only", "Only an enrolled device of the hall may report."),
    }.ToFrozenDictionary();

    private static readonly Sentence Unknown = new(500, "Something went wrong", "Try again, and tell the operator if it stays.");

    public static IEnumerable<string> Codes => All.Keys;

    public static bool Knows(string code) => All.ContainsKey(code);

    /// <summary>The code's words; those of an unnamed fault for a code nobody wrote words for.</summary>
    public static Sentence Of(string code) => All.TryGetValue(code, out var sentence) ? sentence : Unknown;
}
