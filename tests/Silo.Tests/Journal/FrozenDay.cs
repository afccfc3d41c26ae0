using System.Text;
using HallOps.Core.Calendars;
using HallOps.Core.Halls;

namespace HallOps.Silo.Tests.Journal;

/// <summary>What the frozen sample with real events was made from: one event of every type and variant, and a small day in a hall. Never changed; a new format gets a sample of its own.</summary>
internal static class FrozenDay
{
    /// <summary>The day's snapshot was taken here, in the middle.</summary>
    public const long SnapshotAt = 12;

    private const string Document =
        """
        {"hall":"frozen","name":{"zh":"样本大厅","en":"Sample hall"},"remoteIssue":true,
        "classes":[{"class":"elderly","creditMinutes":15,"grantedBy":["idCard","guide"],"ageFrom":60,"minCalls":3,"minGapSeconds":30}],
        "lines":[{"line":"a","prefix":"A","name":{"zh":"甲","en":"A"}},{"line":"b","prefix":"B","name":{"zh":"乙","en":"B"},"weight":1.5}],
        "services":[{"service":"card","name":{"zh":"社保卡","en":"Card"},"line":"a","kind":"immediate","expectedMinutes":4},
                    {"service":"permit","name":{"zh":"居住证","en":"Permit"},"line":"b","kind":"promised","promisedDays":5}],
        "windows":[{"window":"1","kind":"comprehensive","profile":[{"line":"a","afterMinutes":0},{"line":"b","afterMinutes":10}]},
                   {"window":"2","kind":"specialised","profile":[{"line":"b","afterMinutes":0}]}],
        "staff":[{"staff":"li","name":"窗口人员01","number":"001"}],
        "calendar":{"timeZone":"Asia/Shanghai","sessions":"always"}}
        """;

    public static readonly PackedDocument Packed = PackedDocument.Pack(HallDocument.Minify(Encoding.UTF8.GetBytes(Document)));

    /// <summary>Monday 2026-11-23, 09:00 in Shanghai.</summary>
    public static readonly Instant Opening = Instant.From(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.FromHours(8)));

    private static readonly PersonId Person = new(new UInt128(0x0123456789ABCDEF, 0xFEDCBA9876543210));
    private static readonly TextHash Words = new(new UInt128(1, 2));
    private static readonly WindowId One = new("1"), Two = new("2");
    private static readonly StaffId Li = new("li");
    private static readonly Instant Later = Opening + TimeSpan.FromMinutes(90);

    public static IReadOnlyList<HallEvent> Events { get; } =
    [
        new HallConfigured(7, Packed, new DateOnly(2026, 11, 23), Later),
        new TicketIssued(1, "A001", new("card"), new("a"), ClassId.Normal, Grants.Self, null, TicketSource.Kiosk, true, 0, null, null),
        new TicketIssued(300, "ABC1000", new("permit"), new("b"), new("elderly"), Grants.IdCard, Person, TicketSource.Agent, false, 129, new Estimate(30, 60, 120), Words),
        new TicketPrinted(300),
        new TicketVoided(300),
        new TicketCalled(1, 1, One, null, CallReason.FirstCome, 0, null, null),
        new TicketCalled(300, 2, Two, Li, CallReason.Class, 200, 17, Words),
        new TicketRecalled(300, 1, Two, true),
        new TicketRecalled(300, 1, Two, false),
        new ServiceStarted(300, 1, Two, StartKind.Time, Later),
        new ServiceFinished(300, 1, Two, null, FinishOutcome.Done, null, 1),
        new ServiceFinished(300, 1, Two, Li, FinishOutcome.Left, Words, 12),
        new TicketMissed(300, 1, Two, 2),
        new TicketReturned(300, 1, Opening, Two, false),
        new TicketReturned(300, 1, Later, null, true),
        new TicketCancelled(300),
        new TicketExpired(300),
        new ServiceRated(300, 1, Two, Grade.VeryDissatisfied, ["slow", "rude"], Words, true),
        new ServiceRated(300, 1, Two, Grade.VerySatisfied, [], null, false),
        new WindowOpened(One, new Occupant("li@hall", Li)),
        new WindowTakenOver(One, new Occupant("boss", null)),
        new WindowPaused(One, PauseReason.Schedule, Later),
        new WindowPaused(One, PauseReason.Break, null),
        new WindowResumed(One),
        new WindowClosed(One),
        new WindowProfileChanged(One, [new ProfileLine(new("b"), 5, 15), new ProfileLine(new("a"), 0, 0)]),
        new Suspended([], [], Words, null),
        new Suspended([new("a"), new("b")], [new("card")], Words, Later),
        new Resumed([], []),
        new Resumed([new("a")], [new("card"), new("permit")]),
        new DayEnded(new DateOnly(2026, 11, 23), new DateOnly(2026, 11, 25), Later),
        new DayForgotten(new DateOnly(2026, 11, 23)),
    ];

    /// <summary>Events that came after the sample was made, with their types and payloads as first written.</summary>
    public static IReadOnlyList<(HallEvent Event, int Type, string Payload)> Added { get; } =
    [
        (new TicketHeld(300, 1, Two), 27, "ac02010132"),
        (new TicketAway(300, 1, new Instant(1_764_000_000_000)), 28, "ac020180a0bfe9d666"),
        (new TicketBack(300, 1, Two, false), 29, "ac020101013200"),
        (new TicketBack(300, 1, null, true), 29, "ac02010001"),
        (new TicketTransferred(300, 2, One, new("permit"), new("b"), new Instant(1_764_000_000_000), Two, true), 30, "ac02020131067065726d6974016280a0bfe9d66601013201"),
        (new TicketTransferred(300, 2, One, new("card"), new("a"), new Instant(1_764_000_000_000), null, false), 30, "ac020201310463617264016180a0bfe9d6660000"),
        (new StageMarked(300, 1, Two, Stage.Rating), 31, "ac0201013207"),
        (new ClassChanged(300, new("elderly"), Grants.Guide), 32, "ac0207656c6465726c7904"),
        (new CasesDeclared(300, 12), 34, "ac020c"),
        (new OwnerChanged(300, Li), 33, "ac02026c69"),
        (new TicketChanged(300, 2, new("permit"), new("b"), new Instant(1_764_000_000_000)), 26, "ac0202067065726d6974016280a0bfe9d666"),
        (new AppointmentBooked("K7QM2XWP", new("card"), new Instant(1_764_000_000_000), new Instant(1_764_001_800_000), new Instant(1_763_998_200_000), new Instant(1_764_000_900_000), Person), 40, "084b37514d32585750046361726480a0bfe9d66680fd9aebd66680c3e3e7d666c08eadead666011032547698badcfeefcdab8967452301"),
        (new AppointmentBooked("K7QM2XWP", new("card"), new Instant(1_764_000_000_000), new Instant(1_764_001_800_000), new Instant(1_763_998_200_000), new Instant(1_764_000_900_000), null), 40, "084b37514d32585750046361726480a0bfe9d66680fd9aebd66680c3e3e7d666c08eadead66600"),
        (new AppointmentMoved("K7QM2XWP", new Instant(1_764_000_000_000), new Instant(1_764_001_800_000), new Instant(1_763_998_200_000), new Instant(1_764_000_900_000)), 41, "084b37514d3258575080a0bfe9d66680fd9aebd66680c3e3e7d666c08eadead666"),
        (new AppointmentCancelled("K7QM2XWP", new("card"), new Instant(1_764_000_000_000)), 42, "084b37514d32585750046361726480a0bfe9d666"),
        (new AppointmentReleased("K7QM2XWP"), 43, "084b37514d32585750"),
        (new AppointmentCheckedIn("K7QM2XWP", 300, new Instant(1_764_000_000_000), false), 44, "084b37514d32585750ac0280a0bfe9d66600"),
        (new AppointmentCheckedIn("K7QM2XWP", 300, new Instant(1_764_000_000_000), true), 44, "084b37514d32585750ac0280a0bfe9d66601"),
        (new JointBegun(300, 1, new("card"), new("a"), [new(new("permit"), [new("card")]), new(new("card"), [])]), 35, "ac02010463617264016102067065726d6974010463617264046361726400"),
        (new LegBegun(300, 2, 0, new("permit"), new("b"), new Instant(1_764_000_000_000)), 36, "ac020200067065726d6974016280a0bfe9d666"),
        (new SlipGiven(300, new("card"), 2, new Instant(1_764_000_000_000), null), 37, "ac0204636172640280a0bfe9d66600"),
        (new SlipGiven(300, new("card"), 2, new Instant(1_764_000_000_000), Words), 37, "ac0204636172640280a0bfe9d6660102000000000000000100000000000000"),
        (new SlipShown(301, 300, 2), 38, "ad02ac0202"),
        (new HolidaysAnnounced(new HolidayTable([new HolidayDate(new DateOnly(2026, 10, 1), true, "国庆节"), new HolidayDate(new DateOnly(2026, 10, 10), false, "国庆节")]), Later), 39, "0109e59bbde5ba86e88a8202b1942d0109008091e9e3c068"),
        (new ScheduleReached(new HallSchedule(null, null, false, false, false, null, null, null, [], [new RestingWindow(One, null, null, null)])), 45, "000000000000000000010131000000"),
        (new ScheduleReached(new HallSchedule(SessionKind.Extended, Later, true, true, true, Later, Later, [new("card")], [new ScheduledWindow(One, Li, PostRole.A, new StaffId("wang"), [Two], Later)], [new RestingWindow(Two, ClosedReason.Absent, One, Later)])), 45, "04018091e9e3c068010101018091e9e3c068018091e9e3c0680101046361726401013101026c6901010477616e67010132018091e9e3c06801013201010131018091e9e3c068"),
        (new StandInChanged(One, Two), 46, "0131010132"),
        (new StandInChanged(One, null), 46, "013100"),
    ];

    /// <summary>The day's commands and when they were taken, in seconds from the opening.</summary>
    public static IReadOnlyList<(int Second, HallCommand Command)> Commands { get; } =
    [
        (0, new ConfigureHall(FrozenSample.DayHall, Packed)),
        (10, new OpenWindow(One, By, null)),
        (20, new IssueTicket(new("card"), null, Grants.Self, null, null, TicketSource.Kiosk, null, false, null)),
        (30, new IssueTicket(new("permit"), null, Grants.Self, null, null, TicketSource.Kiosk, true, false, null)),
        (40, new IssueTicket(new("card"), new ClassId("elderly"), Grants.Self | Grants.IdCard, 70, Person, TicketSource.Kiosk, false, false, null)),
        (50, new MarkPrinted(new TicketId(FrozenSample.DayHall, 3))),
        (60, new CallNext(One, By)),
        (70, new StartService(One, By)),
        (200, new Next(One, By, FinishOutcome.Advice, null)),
        (230, new Recall(One, By)),
        (231, new MarkNoShow(One, By)),
        (240, new ReturnTicket(new TicketId(FrozenSample.DayHall, 1))),
        (250, new CallNext(One, By)),
        (300, new Suspend([new("b")], [], Words, Later)),
        (310, new RateTicket(new TicketId(FrozenSample.DayHall, 3), Grade.Satisfied, ["kind"], null)),
        (320, new IssueTicket(new("card"), null, Grants.Self, null, null, TicketSource.Phone, null, true, null)),
        (400, new CancelTicket(new TicketId(FrozenSample.DayHall, 4))),
        (16 * 3600, new Poke()),
    ];

    private static Clerk By => new("li@hall", Li, false);
}
