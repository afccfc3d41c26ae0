using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using HallOps.Core.Halls;
using HallOps.Web.Appointments;
using HallOps.Web.Halls;
using HallOps.Web.Problems;
using HallOps.Web.Tickets;
using HallOps.Web.Windows;

namespace HallOps.Web;

/// <summary>
/// The bodies and replies of commands, read and written by generated code: no field of a body is unknown, none is given twice, words are exact.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    MaxDepth = 16,
    Converters =
    [
        typeof(WireWord<TicketSource>), typeof(WireWord<AppointmentState>), typeof(WireWord<TicketState>), typeof(WireWord<FinishOutcome>), typeof(WireWord<Grade>), typeof(WireWord<PauseReason>), typeof(WireWord<Stage>),
        typeof(WireWord<WindowStatus>), typeof(JsonStringEnumConverter<CallReason>), typeof(OffsetTime),
    ])]
[JsonSerializable(typeof(IssueBody))]
[JsonSerializable(typeof(NoBody))]
[JsonSerializable(typeof(BookBody))]
[JsonSerializable(typeof(MoveBody))]
[JsonSerializable(typeof(CheckInBody))]
[JsonSerializable(typeof(BookedAppointment))]
[JsonSerializable(typeof(FindBody))]
[JsonSerializable(typeof(FoundAppointments))]
[JsonSerializable(typeof(ReprintBody))]
[JsonSerializable(typeof(ChangeBody))]
[JsonSerializable(typeof(RatingBody))]
[JsonSerializable(typeof(PadRatingBody))]
[JsonSerializable(typeof(SitBody))]
[JsonSerializable(typeof(PauseBody))]
[JsonSerializable(typeof(OutcomeBody))]
[JsonSerializable(typeof(FinishBody))]
[JsonSerializable(typeof(NumberBody))]
[JsonSerializable(typeof(StageBody))]
[JsonSerializable(typeof(TransferBody))]
[JsonSerializable(typeof(AwayBody))]
[JsonSerializable(typeof(ClassBody))]
[JsonSerializable(typeof(CallBody))]
[JsonSerializable(typeof(ProfileBody))]
[JsonSerializable(typeof(SuspendBody))]
[JsonSerializable(typeof(NoticeBody))]
[JsonSerializable(typeof(NoticeNow))]
[JsonSerializable(typeof(ResumeBody))]
[JsonSerializable(typeof(IssuedTicket))]
[JsonSerializable(typeof(ClerkTicket))]
[JsonSerializable(typeof(FinishedAndCalled))]
[JsonSerializable(typeof(WindowNow))]
[JsonSerializable(typeof(HeldTicket))]
[JsonSerializable(typeof(RatedService))]
[JsonSerializable(typeof(SuspendedNow))]
[JsonSerializable(typeof(ConfiguredHall))]
public sealed partial class Wire : JsonSerializerContext
{
    /// <summary>The one to use: Chinese stays readable.</summary>
    public static Wire Json => Readable.Instance;

    // A class of its own: between the parts of this one the order of static fields is nobody's promise.
    private static class Readable
    {
        public static readonly Wire Instance = new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All), TypeInfoResolver = null });
    }
}

/// <summary>A body without fields; an empty body is one too.</summary>
public sealed record NoBody;
