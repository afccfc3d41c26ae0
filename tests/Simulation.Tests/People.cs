using System.Globalization;
using HallOps.Core.Halls;

namespace HallOps.Simulation.Tests;

/// <summary>What visitors, clerks and managers may want of a simulated hall next: most of it fits what they see, the rest is anything.</summary>
/// <param name="clerkShare">How many of ten are clerks.</param>
internal sealed class People(Random random, int clerkShare)
{
    /// <summary>Two documents of each hall.</summary>
    public static PackedDocument[][] Documents { get; } = [.. Enumerable.Range(1, 3).Select(n => SimulatedHalls.Documents($"hall-{n}"))];

    /// <param name="state">What whoever asks sees of the hall.</param>
    public HallCommand Next(SimulatedHall.Name name, HallState state, Instant now)
    {
        var ticket = new TicketId(name.Number, random.NextInt64(Math.Max(1, state.LastOrdinal - 12), state.LastOrdinal + 2));
        if (random.Next(10) >= clerkShare)
        {
            return random.Next(14) switch
            {
                11 => new BookAppointment("c" + random.Next(400), new ServiceId("s1"), Slot(now), random.Next(2) == 0 ? new PersonId((UInt128)random.Next(1, 5)) : null, false),
                10 => new CheckIn("c" + random.Next(400), null, null, Grants.Self, null, null, TicketSource.Kiosk, random.Next(4) == 0 ? false : null, false),
                <= 4 or >= 12 => new IssueTicket(new ServiceId(Any("s1", "s2", "s3", "all")), random.Next(4) == 0 ? new ClassId("elderly") : null, Grants.Self | Grants.Guide, null,
                    random.Next(3) == 0 ? new PersonId((UInt128)random.Next(1, 5)) : null, Any(TicketSource.Kiosk, TicketSource.Phone), random.Next(4) == 0 ? false : null, false, null, 1, random.Next(8) == 0 ? ticket : null),
                5 => new MarkPrinted(ticket),
                6 => random.Next(2) == 0 ? new CancelTicket(ticket) : new ReturnTicket(ticket),
                7 => new StepAway(ticket, TimeSpan.FromMinutes(random.Next(1, 20))),
                8 => random.Next(2) == 0 ? new ReturnTicket(ticket) : new ChangeClass(ticket, new ClassId(Any("elderly", "normal")), Grants.Self | Grants.Guide, null),
                _ => new RateTicket(ticket, Any(Enum.GetValues<Grade>()), [], null),
            };
        }
        var window = new WindowId(Any("1", "2", "3"));
        var clerk = new Clerk("clerk-" + (random.Next(15) == 0 ? "x" : window.Value), null, random.Next(12) == 0);
        var number = Any("A", "B") + random.Next(1, 9).ToString("D3", CultureInfo.InvariantCulture);
        // Most clerks press what their screen offers; the rest press anything.
        if (random.Next(3) > 0 && state.Exists && state.Find(window) is { } there)
        {
            return there.Status switch
            {
                WindowStatus.Closed => new OpenWindow(window, clerk, null),
                WindowStatus.Paused => new ResumeWindow(window, clerk),
                WindowStatus.Idle => random.Next(8) == 0 ? new ReturnAtWindow(window, clerk, number) : new CallNext(window, clerk),
                WindowStatus.Calling => Any<HallCommand>(new StartService(window, clerk), new StartService(window, clerk), new Recall(window, clerk), new MarkNoShow(window, clerk)),
                _ => random.Next(6) switch
                {
                    0 => new HoldTicket(window, clerk),
                    1 => PassOn(window, clerk),
                    2 or 3 => new Next(window, clerk, random.Next(4) == 0 ? FinishOutcome.ToldOnce : null, null),
                    _ => new FinishService(window, clerk, random.Next(4) == 0 ? Any(Enum.GetValues<FinishOutcome>()) : null, null, 1),
                },
            };
        }
        return random.Next(40) switch
        {
            < 6 => new OpenWindow(window, clerk, null),
            < 13 => new CallNext(window, clerk),
            < 17 => new Next(window, clerk, random.Next(2) == 0 ? FinishOutcome.Done : null, null),
            < 20 => new Recall(window, clerk),
            < 24 => new StartService(window, clerk),
            < 27 => new FinishService(window, clerk, null, null, 1),
            < 28 => new MarkNoShow(window, clerk),
            28 => new HoldTicket(window, clerk),
            29 => PassOn(window, clerk),
            30 => new PauseWindow(window, clerk, PauseReason.Break, null),
            31 or 32 => new ResumeWindow(window, clerk),
            33 => new CloseWindow(window, clerk),
            34 => new ReturnAtWindow(window, clerk, number),
            35 => new CallTicket(window, clerk with { Manages = true }, number, new TextHash(9)),
            36 => random.Next(2) == 0 ? new Suspend(random.Next(2) == 0 ? [] : [new LineId("a")], [], new TextHash(5), null) : new RateAtWindow(window, ticket, 1, Grade.Satisfied, []),
            37 => random.Next(2) == 0 ? new Resume([], []) : new PostNotice(new TextHash(6), null, now + TimeSpan.FromSeconds(random.Next(-5, 600))),
            38 => new ChangeProfile(window, random.Next(2) == 0 ? [new ProfileLine(new LineId("a"), 0, 0), new ProfileLine(new LineId("b"), 2, 0)] : [new ProfileLine(new LineId("b"), 0, 0)]),
            _ => new ConfigureHall(name.Number, Any(Documents[name.Number - 1])),
        };
    }

    private Transfer PassOn(WindowId window, Clerk clerk) => random.Next(2) == 0
        ? new Transfer(window, clerk, null, new ServiceId(Any("s1", "s2", "s3")), null, random.Next(2) == 0, random.Next(2) == 0)
        : new Transfer(window, clerk, null, null, new WindowId(Any("1", "2", "3")), random.Next(2) == 0, random.Next(2) == 0);

    /// <summary>One of the next slots: they begin every five minutes.</summary>
    private Instant Slot(Instant now) => new((now.Milliseconds / 300_000 + random.Next(1, 4)) * 300_000);

    private T Any<T>(params IReadOnlyList<T> of) => of[random.Next(of.Count)];
}
