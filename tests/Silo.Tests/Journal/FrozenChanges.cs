using HallOps.Core.Halls;

namespace HallOps.Silo.Tests.Journal;

/// <summary>What the frozen sample with a snapshot of version 3 was made from. Never changed; what comes after gets a sample of its own.</summary>
internal static class FrozenChanges
{
    /// <summary>The snapshot was taken here: a visit with an ended leg waits, one is back and reserved for the window that called, one may be rated there.</summary>
    public const long SnapshotAt = 14;

    private static readonly WindowId One = new("1");
    private static readonly Clerk By = new("li@hall", new StaffId("li"), false);

    public static IReadOnlyList<HallEvent> Events { get; } = [new TicketChanged(300, 2, new("permit"), new("b"), FrozenDay.Opening)];

    /// <summary>The day's commands and when they were taken, in seconds from the opening.</summary>
    public static IReadOnlyList<(int Second, HallCommand Command)> Commands { get; } =
    [
        (0, new ConfigureHall(FrozenSample.DayHall, FrozenDay.Packed)),
        (10, new OpenWindow(One, By, null)),
        (20, Issue("card")),
        (30, Issue("card")),
        (40, Issue("permit")),
        (50, new ChangeTicket(new TicketId(FrozenSample.DayHall, 3), new("card"))),
        (60, new CallNext(One, By)),
        (70, new StartService(One, By)),
        (80, new FinishService(One, By, FinishOutcome.Done, null, 1)),
        (90, new CallNext(One, By)),
        (120, new Recall(One, By)),
        (150, new MarkNoShow(One, By)),
        (160, new ReturnTicket(new TicketId(FrozenSample.DayHall, 2))),
        (170, Issue("card")),
        (180, new CallNext(One, By)),
        (190, new StartService(One, By)),
        (200, new RateTicket(new TicketId(FrozenSample.DayHall, 1), Grade.Satisfied, [], null)),
    ];

    private static IssueTicket Issue(string service) => new(new(service), null, Grants.Self, null, null, TicketSource.Kiosk, null, false, null);
}
