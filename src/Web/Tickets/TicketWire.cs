using System.Text.Json.Serialization;
using HallOps.Core.Halls;
using HallOps.Web.Appointments;

namespace HallOps.Web.Tickets;

/// <summary>A number is asked for.</summary>
/// <param name="Class">Left out: normal.</param>
/// <param name="Source">Left out: the caller's own kind.</param>
/// <param name="Printed">False: live only once its print is reported.</param>
/// <param name="Override">A guide's reason to issue all the same.</param>
/// <param name="Cases">Several matters on one number, for an agent; left out: 1.</param>
/// <param name="Appointment">The code of the appointment that the visitor has come for.</param>
/// <param name="Slip">The token of the ticket by which the visitor was sent home for what was missing.</param>
public sealed record IssueBody(string? Service, string? Class, string? IdNumber, string? Phone, TicketSource? Source, bool? Printed, string? Override, int? Cases, string? Appointment = null, string? Slip = null);

/// <param name="Minutes">For how long the holder steps away; back by then, whether said or not.</param>
public sealed record AwayBody(int? Minutes);

/// <param name="IdNumber">An ID card shown, for a class that asks for an age.</param>
public sealed record ClassBody(string? Class, string? IdNumber);

public sealed record RatingBody(Grade? Grade, IReadOnlyList<string>? Tags, string? Comment);

/// <param name="Nonce">As the window's topic gave it to this pad.</param>
public sealed record PadRatingBody(string? Nonce, Grade? Grade, IReadOnlyList<string>? Tags);

/// <summary>A number given out, with the key to it.</summary>
/// <param name="Estimate">Null where no window serves the line.</param>
/// <param name="Url">The visitor's page, as the ticket's code has it.</param>
/// <param name="Appointment">Left out where the number is for none.</param>
/// <param name="MayNotBeServed">Left out unless the work already waiting does not fit, by the estimate, into the open, staffed time that is left today.</param>
public sealed record IssuedTicket(string Id, string Token, string Number, string Line, string Service, TicketState State, int Ahead, EstimateView? Estimate, DateTimeOffset IssuedAt, string Url,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] KeptAppointment? Appointment = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool MayNotBeServed = false);

/// <summary>The holder's ticket after cancel, back or print.</summary>
public sealed record HeldTicket(string Id, string Number, TicketState State)
{
    public static HeldTicket Of(HolderReply reply) => new(reply.Id.ToString(), reply.Number, reply.State);
}

public sealed record RatedService(string Number, int Leg, Grade Grade)
{
    public static RatedService Of(RatingReply reply) => new(reply.Number, reply.Leg, reply.Grade);
}

/// <summary>"The ticket" of every clerk's call.</summary>
public sealed record ClerkTicket(string Id, string Number, string Line, string Service, string Class, TicketState State, DateTimeOffset Since, DateTimeOffset? CalledAt, int Times,
    CallReason? Reason, int Overtook, string? FirstOvertaken, FinishOutcome? Outcome)
{
    public static ClerkTicket Of(TicketReply t, TimeZoneInfo? zone) => new(t.Id.ToString(), t.Number, t.Line.Value, t.Service.Value, t.Class.Value, t.State, WireTime.At(t.Since, zone),
        WireTime.At(t.CalledAt, zone), t.Times, t.Reason, t.Overtook, t.FirstOvertaken, t.Outcome);
}
