using System.Collections.Frozen;
using HallOps.Core.Calendars;

namespace HallOps.Core.Halls;

/// <summary>A text shown to people, Chinese first. <see cref="En"/> is null where the document gives none.</summary>
public sealed record Text(string Zh, string? En);

public enum HallKind { Full, Small }

public enum ServiceKind { Immediate, Promised, Joint }

public enum WindowKind { Comprehensive, Specialised, AllRound, Guide, Agency, PickUp }

public enum Admission { Warn, Strict, Off }

public enum Identity { None, Optional, Required }

/// <summary>Who may grant a priority class: the ways of DOMAIN.md's table. A caller has the set of what its place and evidence allow.</summary>
[Flags]
public enum Grants : byte { None = 0, Self = 1, IdCard = 2, Guide = 4, Manager = 8, Appointment = 16, Slip = 32 }

/// <summary>
/// What a hall is: its document (HALL.md), checked whole. Immutable; lists keep the document's order. Made by <c>HallDocument.Read</c> only,
/// so every reference from one list to another holds. Weights are hundredths (1 to 10,000), minutes are whole milliseconds where named so.
/// </summary>
public sealed class HallSettings
{
    public required HallId Hall { get; init; }
    public required Text Name { get; init; }
    public HallKind Kind { get; init; }
    public int? Level { get; init; }
    public IReadOnlyList<Text> Region { get; init; } = [];
    public string? Address { get; init; }
    public string? Phone { get; init; }
    /// <summary>Longitude and latitude in degrees; null where not given.</summary>
    public (double Longitude, double Latitude)? Location { get; init; }
    public Text? Slogan { get; init; }
    public bool RemoteIssue { get; init; }
    public required FairnessSettings Fairness { get; init; }
    public required CallingSettings Calling { get; init; }
    public Admission Admission { get; init; }
    public int MaxWaiting { get; init; } = 2000;
    public IReadOnlyList<DepartmentSettings> Departments { get; init; } = [];
    /// <summary>In the document's order; <c>normal</c> is first where the document leaves it out.</summary>
    public required IReadOnlyList<ClassSettings> Classes { get; init; }
    public IReadOnlyList<ZoneSettings> Zones { get; init; } = [];
    public required IReadOnlyList<LineSettings> Lines { get; init; }
    public required IReadOnlyList<ServiceSettings> Services { get; init; }
    public required IReadOnlyList<WindowSettings> Windows { get; init; }
    public IReadOnlyList<StaffSettings> Staff { get; init; } = [];
    public IReadOnlyList<NoticeSettings> Notices { get; init; } = [];
    public required CalendarSettings Calendar { get; init; }

    public required FrozenDictionary<ClassId, ClassSettings> ClassById { get; init; }
    public required FrozenDictionary<LineId, LineSettings> LineById { get; init; }
    public required FrozenDictionary<ServiceId, ServiceSettings> ServiceById { get; init; }
    public required FrozenDictionary<WindowId, WindowSettings> WindowById { get; init; }
    public required FrozenDictionary<StaffId, StaffSettings> StaffById { get; init; }
}

/// <param name="MaxOvertakes">How often one ticket may be overtaken by calls by score.</param>
/// <param name="MaxPriorityRun">How many overtaking calls one window may make in a row.</param>
public sealed record FairnessSettings(int MaxOvertakes = 10, int MaxPriorityRun = 2);

public sealed record CallingSettings
{
    public int MinCalls { get; init; } = 2;
    public int MinGapSeconds { get; init; } = 20;
    public int ReturnMinutes { get; init; } = 30;
    public int RejoinAfterCalls { get; init; } = 3;
    public int MaxHeld { get; init; } = 3;
    public int HeldMinutes { get; init; } = 20;
    public int AutoStartSeconds { get; init; } = 45;
    public int StandInAfterMinutes { get; init; } = 10;

    /// <summary>How long those who need a low window are left to one, while one that does their service is open.</summary>
    public int LowFirstMinutes { get; init; } = 10;

    /// <summary>How long a slip of one who was sent home once counts.</summary>
    public int SlipDays { get; init; } = 30;
    public bool RequireOutcome { get; init; }
}

public sealed record DepartmentSettings(DepartmentId Department, Text Name);

/// <param name="WeightHundredths">100 is weight 1.</param>
/// <param name="MinCalls">Overrides the hall's; null: the hall's.</param>
/// <param name="NeedsLow">Its visitors are served at a low window where one can do it soon.</param>
public sealed record ClassSettings(ClassId Class, Text Name, int WeightHundredths, int CreditMinutes, Grants GrantedBy, int? AgeFrom, int? MinCalls, int? MinGapSeconds, bool NeedsLow = false);

public sealed record ZoneSettings(ZoneId Zone, Text Name, double? ViewingMetres);

/// <summary>Numbers issued in the slot [From, To) of local time are at most Max.</summary>
public sealed record QuotaSettings(TimeOnly From, TimeOnly To, int Max);

/// <param name="WeightHundredths">100 is weight 1.</param>
public sealed record LineSettings(LineId Line, string Prefix, Text Name, int WeightHundredths, int? TargetMinutes, IReadOnlyList<QuotaSettings> Quotas);

public sealed record AppointmentSettings(int SlotMinutes, int Capacity, int DaysAhead, int EarlyMinutes, int LateMinutes);

/// <summary>One service of a joint service and the services whose end it waits for.</summary>
public sealed record JointLegSettings(ServiceId Service, IReadOnlyList<ServiceId> After);

public sealed record ServiceSettings
{
    public required ServiceId Service { get; init; }
    public string? Code { get; init; }
    public required Text Name { get; init; }
    public IReadOnlyList<string> Alias { get; init; } = [];
    public DepartmentId? Department { get; init; }
    public required LineId Line { get; init; }
    public required ServiceKind Kind { get; init; }
    public int? StatutoryDays { get; init; }
    public int? PromisedDays { get; init; }
    /// <summary>Mean minutes of service; null where not given (5 is then assumed where a figure is needed).</summary>
    public double? ExpectedMinutes { get; init; }
    public Text? Fee { get; init; }
    public IReadOnlyList<Text> Materials { get; init; } = [];
    public Identity Identity { get; init; }
    public AppointmentSettings? Appointments { get; init; }
    public IReadOnlyList<JointLegSettings> Legs { get; init; } = [];
}

/// <param name="AfterMinutes">0: a line of its own; n: a line it helps with this handicap.</param>
/// <param name="OnlyAfterWaitMinutes">A gate: tickets are callable here once they waited so long.</param>
public sealed record ProfileLine(LineId Line, int AfterMinutes, int OnlyAfterWaitMinutes);

public sealed record WindowSettings(WindowId Window, WindowKind Kind, ZoneId? Zone, bool Low, Text? Name, IReadOnlyList<ProfileLine> Profile);

/// <param name="Lines">Lines the person can do; null with <paramref name="Services"/> null: everything.</param>
/// <param name="Services">Services the person can do beside those of <paramref name="Lines"/>.</param>
public sealed record StaffSettings(StaffId Staff, Text Name, string? Number, DepartmentId? Department, string? Photo, FrozenSet<LineId>? Lines, FrozenSet<ServiceId>? Services)
{
    /// <summary>Whether the person can do a service of a line: a service in either list; both left out means everything.</summary>
    public bool CanDo(LineId line, ServiceId service) =>
        (Lines is null && Services is null) || (Lines?.Contains(line) ?? false) || (Services?.Contains(service) ?? false);
}

/// <summary>A notice shown from one date to another, both included; null is unbounded.</summary>
public sealed record NoticeSettings(Text Text, ZoneId? Zone, DateOnly? From, DateOnly? To);
