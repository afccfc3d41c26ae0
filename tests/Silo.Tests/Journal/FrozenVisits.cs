using System.Text;
using HallOps.Core.Halls;

namespace HallOps.Silo.Tests.Journal;

/// <summary>What the frozen sample with a snapshot of version 5 was made from. Never changed; what comes after gets a sample of its own.</summary>
internal static class FrozenVisits
{
    /// <summary>
    /// The snapshot was taken here: one held, one away, one passed on to come back, one reserved for a window, one waiting on an appointment kept and two appointments to come, an owner who took over, stages, cases.
    /// </summary>
    public const long SnapshotAt = 36;

    private const string Document =
        """
        {"hall":"frozen","name":{"zh":"样本大厅","en":"Sample hall"},"fairness":{"maxOvertakes":5,"maxPriorityRun":2},
        "classes":[{"class":"elderly","creditMinutes":15,"grantedBy":["idCard","guide"],"ageFrom":60,"minCalls":3,"minGapSeconds":30}],
        "lines":[{"line":"a","prefix":"A","name":{"zh":"甲","en":"A"},"quotas":[{"from":"09:00","to":"12:00","max":20}]},{"line":"b","prefix":"B","name":{"zh":"乙","en":"B"},"weight":1.5}],
        "services":[{"service":"card","name":{"zh":"社保卡","en":"Card"},"line":"a","kind":"immediate","expectedMinutes":4,"appointments":{"slotMinutes":30,"capacity":4,"daysAhead":5,"earlyMinutes":30,"lateMinutes":15}},
                    {"service":"permit","name":{"zh":"居住证","en":"Permit"},"line":"b","kind":"promised","promisedDays":5}],
        "windows":[{"window":"1","kind":"comprehensive","profile":[{"line":"a","afterMinutes":0},{"line":"b","afterMinutes":10}]},
                   {"window":"2","kind":"comprehensive","profile":[{"line":"a","afterMinutes":0},{"line":"b","afterMinutes":0}]}],
        "staff":[{"staff":"li","name":"窗口人员01","number":"001"},{"staff":"wang","name":"窗口人员02","number":"002"}],
        "calendar":{"timeZone":"Asia/Shanghai","sessions":"always"}}
        """;

    public static readonly PackedDocument Packed = PackedDocument.Pack(HallDocument.Minify(Encoding.UTF8.GetBytes(Document)));

    private static readonly WindowId One = new("1"), Two = new("2");
    private static readonly Clerk Li = new("li@hall", new StaffId("li"), false), Wang = new("wang@hall", new StaffId("wang"), false);
    private static readonly PersonId Person = new(7);

    public static IReadOnlyList<HallEvent> Events { get; } = [.. FrozenDay.Added.Take(18).Select(line => line.Event)];

    /// <summary>The day's commands and when they were taken, in seconds from the opening at 09:00.</summary>
    public static IReadOnlyList<(int Second, HallCommand Command)> Commands { get; } =
    [
        (0, new ConfigureHall(FrozenSample.DayHall, Packed)),
        (10, new OpenWindow(One, Li, null)),
        (11, new OpenWindow(Two, Wang, null)),
        (20, new BookAppointment("K7QM2XWP", new("card"), At(30), Person, false)),
        (21, new BookAppointment("AAAA2222", new("card"), At(60), null, false)),
        (22, new BookAppointment("BBBB3333", new("card"), At(90), null, false)),
        (23, new MoveAppointment("BBBB3333", At(120))),
        (30, Issue("card")),
        (31, Issue("card")),
        (32, Issue("permit")),
        (33, new IssueTicket(new("card"), null, Grants.Self, null, new PersonId(8), TicketSource.Agent, null, false, null, 3)),
        (34, Issue("card")),
        (35, Issue("permit")),
        (36, new IssueTicket(new("card"), null, Grants.Self, null, null, TicketSource.Kiosk, false, false, null)),
        (40, new CallNext(One, Li)),
        (50, new MarkStage(One, Li, Stage.Consultation)),
        (60, new HoldTicket(One, Li)),
        (61, new ChangeClass(new TicketId(FrozenSample.DayHall, 5), new("elderly"), Grants.Guide, null)),
        (62, new CallNext(Two, Wang)),
        (63, new StartService(Two, Wang)),
        (64, new Transfer(Two, Wang, null, new("card"), null, KeepPlace: true, ReturnHere: true)),
        (70, new CallNext(One, Li)),
        (80, new StartService(One, Li)),
        (81, new Transfer(One, Li, null, null, Two, KeepPlace: false, ReturnHere: false)),
        (90, new CheckIn("K7QM2XWP", null, null, Grants.Self, null, null, TicketSource.Kiosk, null, false)),
        (100, new StepAway(new TicketId(FrozenSample.DayHall, 6), TimeSpan.FromMinutes(20))),
        (110, new CallNext(Two, Wang)),
        (111, new StartService(Two, Wang)),
        (112, new AcceptMatter(Two, Wang)),
        (113, new Transfer(Two, Wang, null, null, One, KeepPlace: true, ReturnHere: true)),
        (120, new CallNext(Two, Wang)),
        (150, new ReturnAtWindow(One, Li, "A001")),
        (151, new CallNext(One, Li)),
        (160, new StartService(One, Li)),
        (170, new FinishService(One, Li, FinishOutcome.Done, null, null)),
        (171, new CallNext(One, Li)),
        (172, new StartService(One, Li)),
        (400, new FinishService(One, Li, FinishOutcome.Paid, null, null)),
        (2500, new Poke()),
    ];

    private static Instant At(int minutes) => FrozenDay.Opening + TimeSpan.FromMinutes(minutes);

    private static IssueTicket Issue(string service) => new(new(service), null, Grants.Self, null, null, TicketSource.Kiosk, null, false, null);
}
