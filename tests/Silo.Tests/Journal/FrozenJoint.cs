using System.Text;
using HallOps.Core.Halls;

namespace HallOps.Silo.Tests.Journal;

/// <summary>What the frozen sample with a snapshot of version 6 was made from: joint visits and slips. Never changed; what comes after gets a sample of its own.</summary>
internal static class FrozenJoint
{
    /// <summary>The snapshot was taken here: one joint visit being served with another leg waiting, one waiting in two lines, a slip given and one shown, a window of the low kind.</summary>
    public const long SnapshotAt = 26;

    private const string Document =
        """
        {"hall":"frozen","name":{"zh":"样本大厅","en":"Sample hall"},
        "classes":[{"class":"disabled","low":true,"grantedBy":["guide"]},{"class":"returning","creditMinutes":10,"grantedBy":["slip"]}],
        "lines":[{"line":"a","prefix":"A","name":{"zh":"甲","en":"A"}},{"line":"b","prefix":"B","name":{"zh":"乙","en":"B"}},{"line":"c","prefix":"C","name":{"zh":"丙","en":"C"}}],
        "services":[{"service":"card","name":{"zh":"社保卡","en":"Card"},"line":"a","kind":"immediate","expectedMinutes":4},
                    {"service":"permit","name":{"zh":"居住证","en":"Permit"},"line":"b","kind":"promised","promisedDays":5},
                    {"service":"tax","name":{"zh":"契税","en":"Tax"},"line":"b","kind":"immediate"},
                    {"service":"home","name":{"zh":"新居一件事","en":"New home"},"line":"c","kind":"joint","legs":[{"service":"card"},{"service":"permit"},{"service":"tax","after":["card"]}]}],
        "windows":[{"window":"1","kind":"comprehensive","low":true,"profile":[{"line":"a","afterMinutes":0},{"line":"c","afterMinutes":0}]},
                   {"window":"2","kind":"comprehensive","profile":[{"line":"a","afterMinutes":0},{"line":"b","afterMinutes":0}]}],
        "staff":[{"staff":"li","name":"窗口人员01","number":"001"},{"staff":"wang","name":"窗口人员02","number":"002"}],
        "calendar":{"timeZone":"Asia/Shanghai","sessions":"always","roster":[{"window":"1","a":"li","b":"wang"}]}}
        """;

    public static readonly PackedDocument Packed = PackedDocument.Pack(HallDocument.Minify(Encoding.UTF8.GetBytes(Document)));

    private static readonly WindowId One = new("1"), Two = new("2");
    private static readonly Clerk Li = new("li@hall", new StaffId("li"), false), Wang = new("wang@hall", new StaffId("wang"), false);

    public static IReadOnlyList<HallEvent> Events { get; } = [.. FrozenDay.Added.Skip(18).Take(5).Select(line => line.Event)];

    /// <summary>The day's commands and when they were taken, in seconds from the opening at 09:00.</summary>
    public static IReadOnlyList<(int Second, HallCommand Command)> Commands { get; } =
    [
        (0, new ConfigureHall(FrozenSample.DayHall, Packed)),
        (10, new OpenWindow(One, Li, null)),
        (11, new OpenWindow(Two, Wang, null)),
        (20, Issue("card", person: new PersonId(5))),
        (21, new CallNext(One, Li)),
        (30, new StartService(One, Li)),
        (60, new FinishService(One, Li, FinishOutcome.ToldOnce, new TextHash(9), null)),
        (70, Issue("permit")),
        (80, new CallNext(Two, Wang)),
        (90, new StartService(Two, Wang)),
        (100, new FinishService(Two, Wang, FinishOutcome.ToldOnce, null, null)),
        (200, Issue("card", slip: 1)),
        (210, Issue("home", person: new PersonId(6))),
        (211, Issue("home")),
        (212, new IssueTicket(new("card"), ClassId.Disabled, Grants.Guide, null, null, TicketSource.Guide, null, false, null)),
        (220, new CallNext(Two, Wang)),
        (230, new StartService(Two, Wang)),
        (240, new Transfer(Two, Wang, null, new("permit"), null, KeepPlace: true, ReturnHere: true)),
        (250, new CallNext(Two, Wang)),
        (260, new StartService(Two, Wang)),
        (300, new FinishService(Two, Wang, FinishOutcome.Accepted, null, null)),
        (310, new CallNext(Two, Wang)),
        (320, new CallNext(One, Li)),
        (330, new StartService(One, Li)),
        (400, new FinishService(One, Li, FinishOutcome.Done, null, null)),
        (500, new StepAway(new TicketId(FrozenSample.DayHall, 5), TimeSpan.FromMinutes(20))),
        (2500, new Poke()),
    ];

    private static IssueTicket Issue(string service, PersonId? person = null, long? slip = null) =>
        new(new(service), null, Grants.Self, null, person, TicketSource.Kiosk, null, false, null, Slip: slip is { } ordinal ? new TicketId(FrozenSample.DayHall, ordinal) : null);
}
