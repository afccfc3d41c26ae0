using System.Collections.Concurrent;
using HallOps.Core.Halls;
using HallOps.Silo;
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

    private readonly ConcurrentDictionary<TicketId, TaskCompletionSource<DemoVisitor>> _visitors = [];
    private readonly ConcurrentBag<Task> _afterwards = [];
    private int _coming;

    /// <summary>Whether somebody who is planned has not come yet.</summary>
    public bool AreComing => Volatile.Read(ref _coming) > 0;

    /// <summary>Brings in everybody of a plan, each at its time; those whose time is past at once, in their order.</summary>
    public async Task ArriveAsync(IReadOnlyList<PlannedVisitor> plan, CancellationToken cancel)
    {
        Interlocked.Add(ref _coming, plan.Count);
        var staying = new List<Task>();
        foreach (var planned in plan)
        {
            await clock.UntilAsync(planned.At, cancel);
            if (await TakeNumberAsync(planned, cancel) is { } visitor && planned.LeavesAfter is { } patience) staying.Add(GiveUpAsync(visitor, patience, cancel));
            Interlocked.Decrement(ref _coming);
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

    private async Task<DemoVisitor?> TakeNumberAsync(PlannedVisitor planned, CancellationToken cancel)
    {
        var (grants, age, person) = (Grants.Self, (int?)null, (PersonId?)null);
        if (planned.IdNumber is { } card && PersonalNumbers.TryIdNumber(card, DateOnly.FromDateTime(planned.At.DateTime), out var number, out var years))
            (grants, age, person) = (Grants.Self | Grants.IdCard, years, await door.PersonAsync(number, null, cancel));
        var command = new IssueTicket(new ServiceId(planned.Service), planned.Class is { } @class ? new ClassId(@class) : null, grants, age, person, TicketSource.Kiosk, Printed: null, Remote: false, Override: null);
        var sent = await door.SendAsync(kiosk, hall, command, DoorKey.None);
        // A full hall, or a suspended line: it goes away without a number.
        if (!sent.IsDone || sent.Answer.Reply is not IssuedReply issued) return null;
        var visitor = new DemoVisitor(planned, issued.Id);
        Known(issued.Id).TrySetResult(visitor);
        return visitor;
    }

    private async Task GiveUpAsync(DemoVisitor visitor, TimeSpan patience, CancellationToken cancel)
    {
        await clock.DelayAsync(patience, cancel);
        await door.SendAsync(Caller.Anonymous, hall, new CancelTicket(visitor.Ticket), DoorKey.None);
    }

    private TaskCompletionSource<DemoVisitor> Known(TicketId ticket) => _visitors.GetOrAdd(ticket, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
