using System.Collections.Concurrent;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Web.Problems;
using HallOps.Web.Tickets;

namespace HallOps.Web.Demo;

/// <summary>A visitor of the demonstration with its number.</summary>
internal sealed class DemoVisitor(PlannedVisitor planned, TicketId ticket)
{
    public PlannedVisitor Planned { get; } = planned;
    public TicketId Ticket { get; } = ticket;

    /// <summary>Calls it was not there for.</summary>
    public int Missed { get; set; }
}

/// <summary>
/// The visitors of one hall: they take numbers as planned, and afterwards do what visitors do: give up, come back after a miss, rate. Everything goes through the door, and what the rules
/// refuse is left at that. Safe from any thread.
/// </summary>
internal sealed class DemoVisitors(HallId hall, HallDoor door, HallClock clock, Caller kiosk)
{
    // Longer than a request takes; who is called and never heard of by then took its number elsewhere.
    private static readonly TimeSpan Heard = TimeSpan.FromSeconds(2);

    // Who comes so long before numbers are given waits for them; who comes earlier comes another day.
    private static readonly TimeSpan AtTheDoor = TimeSpan.FromMinutes(45);

    private readonly ConcurrentDictionary<TicketId, TaskCompletionSource<DemoVisitor>> _visitors = [];
    private readonly ConcurrentBag<Task> _afterwards = [];
    /// <summary>Brings in everybody of a plan, each at its time; those whose time is past at once, in their order.</summary>
    public async Task ArriveAsync(IReadOnlyList<PlannedVisitor> plan, CancellationToken cancel)
    {
        var staying = new List<Task>();
        foreach (var planned in plan)
        {
            await clock.UntilAsync(planned.At, cancel);
            if (await ComeAsync(planned, cancel) is { } stays) staying.Add(stays);
        }
        await Task.WhenAll(staying);
    }

    /// <summary>Notes what a visitor does after it has left the window.</summary>
    public void Later(Task after) => _afterwards.Add(after);

    /// <summary>Waits for everybody who still does something.</summary>
    public async Task LeaveAsync()
    {
        while (_afterwards.TryTake(out var after)) await after;
        _visitors.Clear();
    }

    /// <summary>Who holds a number; null for somebody who is not of the plan: a person who tries the demonstration.</summary>
    public async Task<DemoVisitor?> FindAsync(TicketId ticket)
    {
        // Whoever is called may be called before it was noted here whose number it is.
        try
        {
            return await Known(ticket).Task.WaitAsync(Heard, clock.Real);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    public async Task ComeBackAsync(DemoVisitor visitor, TimeSpan after, CancellationToken cancel)
    {
        await clock.DelayAsync(after, cancel);
        await door.SendAsync(Caller.Anonymous, hall, new ReturnTicket(visitor.Ticket), DoorKey.None);
    }

    public async Task RateAsync(DemoVisitor visitor, Grade grade, TimeSpan after, CancellationToken cancel)
    {
        await clock.DelayAsync(after, cancel);
        await door.SendAsync(Caller.Anonymous, hall, new RateTicket(visitor.Ticket, grade, [], null), DoorKey.None);
    }

    /// <summary>Takes a number; what it does before it is called, null for nothing.</summary>
    private async Task<Task?> ComeAsync(PlannedVisitor planned, CancellationToken cancel)
    {
        var (visitor, refused) = await TakeNumberAsync(planned, cancel);
        if (visitor is not null) return planned.LeavesAfter is { } patience ? GiveUpAsync(visitor, patience, cancel) : null;
        return refused!.Members.FirstOrDefault(m => m.Name == "opensAt").Value is DateTimeOffset opens && opens - clock.Now.ToDateTimeOffset() < AtTheDoor ? WaitAtTheDoorAsync(planned, opens, cancel) : null;
    }

    private async Task WaitAtTheDoorAsync(PlannedVisitor planned, DateTimeOffset opens, CancellationToken cancel)
    {
        // Not all at once: there is one kiosk, and as long as the way to the window is the way to it.
        await clock.UntilAsync(opens + planned.Walk, cancel);
        if (await TakeNumberAsync(planned, cancel) is ({ } visitor, _) && planned.LeavesAfter is { } patience) await GiveUpAsync(visitor, patience, cancel);
    }

    private async Task<(DemoVisitor? Visitor, Problem? Refused)> TakeNumberAsync(PlannedVisitor planned, CancellationToken cancel)
    {
        var (grants, age, person) = (Grants.Self, (int?)null, (PersonId?)null);
        if (planned.IdNumber is { } card && PersonalNumbers.TryIdNumber(card, DateOnly.FromDateTime(planned.At.DateTime), out var number, out var years))
            (grants, age, person) = (Grants.Self | Grants.IdCard, years, await door.PersonAsync(number, null, cancel));
        var command = new IssueTicket(new ServiceId(planned.Service), planned.Class is { } @class ? new ClassId(@class) : null, grants, age, person, TicketSource.Kiosk, Printed: null, Remote: false, Override: null);
        var sent = await door.SendAsync(kiosk, hall, command, DoorKey.None);
        // A full hall, a suspended line, or nobody there for it any more: it goes away without a number.
        if (!sent.IsDone) return (null, sent.Problem);
        var issued = (IssuedReply)sent.Answer.Reply!;
        var visitor = new DemoVisitor(planned, issued.Id);
        Known(issued.Id).TrySetResult(visitor);
        return (visitor, null);
    }

    private async Task GiveUpAsync(DemoVisitor visitor, TimeSpan patience, CancellationToken cancel)
    {
        await clock.DelayAsync(patience, cancel);
        await door.SendAsync(Caller.Anonymous, hall, new CancelTicket(visitor.Ticket), DoorKey.None);
    }

    private TaskCompletionSource<DemoVisitor> Known(TicketId ticket) => _visitors.GetOrAdd(ticket, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
