using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using HallOps.Core.Halls;
using HallOps.Load.Server;
using HallOps.Web.Demo;

namespace HallOps.Load.Day;

/// <summary>The visitors, clerks, kiosk, pads and screens of one hall, through one day. Every step that is acknowledged goes into the ledger.</summary>
internal sealed class DayHall(string hall, IReadOnlyList<PlannedVisitor> plan, DayHours hours, DayClock clock, Ledger ledger, Random random)
{
    // A visitor who prints at the kiosk lets the kiosk say so; the others' tickets count at once.
    private const double PrintShare = 0.25;

    private static readonly TimeSpan Lunch = TimeSpan.FromMinutes(45);

    private readonly ConcurrentDictionary<string, TaskCompletionSource<Visitor>> _visitors = [];
    private readonly ConcurrentBag<Task> _afterwards = [];
    private readonly ConcurrentDictionary<string, int> _refusals = [];

    public string Hall => hall;

    public required ApiClient Kiosk { get; init; }
    public required ApiClient Holder { get; init; }
    public required IReadOnlyList<DayClerk> Clerks { get; init; }

    /// <summary>The whole hall's board: clerks look at it before they call.</summary>
    public required Screen Board { get; init; }

    public required IReadOnlyDictionary<string, (ApiClient Client, Screen Screen)> Pads { get; init; }

    /// <summary>Refusals by the rules, by path and code: races that people lose, none of them an error.</summary>
    public IReadOnlyDictionary<string, int> Refusals => _refusals;

    public async Task PlayAsync(CancellationToken cancel)
    {
        var arriving = ArriveAsync(cancel);
        await Task.WhenAll([arriving, .. Clerks.Select(c => WorkAsync(c, arriving, cancel))]);
        // Everybody who still does something: cancels, comes back, rates.
        while (_afterwards.TryTake(out var after)) await after;
    }

    private async Task ArriveAsync(CancellationToken cancel)
    {
        var coming = new List<Task>();
        foreach (var visitor in plan)
        {
            await clock.UntilAsync(hours.At(visitor.At), cancel);
            coming.Add(ComeAsync(visitor, cancel));
        }
        await Task.WhenAll(coming);
    }

    private async Task ComeAsync(PlannedVisitor planned, CancellationToken cancel)
    {
        ApiAnswer? issued = null;
        for (var printed = false; !printed;)
        {
            var body = new JsonObject { ["service"] = planned.Service };
            if (planned.Class is not null) (body["class"], body["idNumber"]) = (planned.Class, planned.IdNumber);
            var prints = Chance(PrintShare);
            if (prints) body["printed"] = false;
            issued = await Kiosk.PostAsync($"halls/{hall}/tickets", body, cancel: cancel);
            // The same person with a live number for the same service, or a full hall: it goes away without one.
            if (!Taken<TicketIssued>(issued, "tickets", issued.IsDone ? issued.Text("id") : "")) return;
            ledger.Told(hall, issued.Text("id"), issued.Text("number"));
            // Not printed within a minute it is void, and the kiosk gives another.
            printed = !prints || Taken<TicketPrinted>(await Kiosk.PostAsync($"halls/{hall}/tickets/{issued.Text("id")}/printed", cancel: cancel), "printed", issued.Text("id"));
        }
        var visitor = new Visitor(planned, issued!.Text("id"), issued.Text("token"), issued.Text("number"));
        VisitorOf(visitor.Id).SetResult(visitor);
        if (planned.LeavesAfter is not { } patience) return;
        await clock.DelayAsync(patience, cancel);
        Taken<TicketCancelled>(await Holder.PostAsync($"tickets/{visitor.Token}/cancel", cancel: cancel), "cancel", visitor.Id);
    }

    private async Task WorkAsync(DayClerk clerk, Task arriving, CancellationToken cancel)
    {
        await clock.UntilAsync(hours.Opens + TimeSpan.FromMinutes(Draw(-3, 3)), cancel);
        var at = $"halls/{hall}/windows/{clerk.Window}";
        var sits = clerk.Staff is { } staff ? new JsonObject { ["staff"] = staff } : null;
        if (!Taken<WindowOpened>(await clerk.Client.PostAsync(at + "/open", sits, cancel: cancel), "open", clerk.Window)) return;
        // One half of the windows eats first, then the other.
        var lunch = hours.Lunch + (clerk.EatsFirst ? TimeSpan.Zero : Lunch + TimeSpan.FromMinutes(5));
        var eaten = false;
        Called? present = null;
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            if (present is not null)
            {
                present = await ServeAsync(clerk, at, present, arriving, cancel);
                continue;
            }
            if (!eaten && clock.Now >= lunch)
            {
                eaten = true;
                var pause = new JsonObject { ["reason"] = "meal", ["until"] = clock.Now + Lunch };
                Taken<WindowPaused>(await clerk.Client.PostAsync(at + "/pause", pause, cancel: cancel), "pause", clerk.Window);
                await clock.DelayAsync(Lunch, cancel);
                Taken<WindowResumed>(await clerk.Client.PostAsync(at + "/resume", cancel: cancel), "resume", clerk.Window);
                continue;
            }
            var waiting = clerk.Lines.Any(line => Board.Waiting(line) > 0);
            if (clock.Now >= hours.Ends || (arriving.IsCompleted && clock.Now >= hours.Closes && !waiting)) break;
            if (!waiting)
            {
                await clock.DelayAsync(TimeSpan.FromSeconds(Draw(10, 25)), cancel);
                continue;
            }
            var call = await clerk.Client.PostAsync(at + "/call-next", cancel: cancel);
            present = call.Body is not null && Taken<TicketCalled>(call, "call-next", call.IsDone ? call.Text("id") : "") ? new(call.Text("id"), call.Text("class")) : null;
            if (present is null) await clock.DelayAsync(TimeSpan.FromSeconds(Draw(20, 40)), cancel);
        }
        Taken<WindowClosed>(await clerk.Client.PostAsync(at + "/close", cancel: cancel), "close", clerk.Window);
    }

    /// <summary>From a call to the end of the service or the miss; what it called next, null where nothing.</summary>
    private async Task<Called?> ServeAsync(DayClerk clerk, string at, Called called, Task arriving, CancellationToken cancel)
    {
        var visitor = await VisitorOf(called.Id).Task.WaitAsync(TimeSpan.FromSeconds(30), cancel);
        var planned = visitor.Planned;
        if (visitor.Missed < planned.Misses)
        {
            await MissAsync(at, clerk, visitor, cancel);
            return null;
        }
        await clock.DelayAsync(planned.Walk, cancel);
        var start = await clerk.Client.PostAsync(at + "/start", cancel: cancel);
        // Left at the last moment; or the hall saw the start by itself, when the walk took longer than that.
        if (!Taken<ServiceStarted>(start, "start", called.Id) && start.Code != "AlreadyStarted") return null;
        await clock.DelayAsync(planned.ServiceTime, cancel);

        var body = new JsonObject { ["outcome"] = planned.Outcome };
        if (planned.Missing is not null) body["missing"] = planned.Missing;
        Called? next = null;
        if (Chance(0.6) && clock.Now < hours.Closes && !arriving.IsCompleted)
        {
            var both = Expect(await clerk.Client.PostAsync(at + "/next", body, cancel: cancel), "next");
            Add<ServiceFinished>(both, called.Id);
            if (both.Body!["called"] is JsonObject other)
            {
                next = new((string)other["id"]!, (string)other["class"]!);
                Add<TicketCalled>(both, next.Id);
            }
        }
        else
        {
            Add<ServiceFinished>(Expect(await clerk.Client.PostAsync(at + "/finish", body, cancel: cancel), "finish"), called.Id);
        }
        if (planned.Grade is not null) _afterwards.Add(RateAsync(visitor, clerk.Window, planned.Grade, cancel));
        return next;
    }

    private async Task MissAsync(string at, DayClerk clerk, Visitor visitor, CancellationToken cancel)
    {
        while (true)
        {
            await clock.DelayAsync(TimeSpan.FromSeconds(Draw(20, 30)), cancel);
            var missed = await clerk.Client.PostAsync(at + "/no-show", cancel: cancel);
            if (Taken<TicketMissed>(missed, "no-show", visitor.Id))
            {
                visitor.Missed++;
                if (visitor.Planned.Returns || visitor.Missed < visitor.Planned.Misses) _afterwards.Add(ComeBackAsync(visitor, cancel));
                return;
            }
            // Nobody there any more: cancelled meanwhile.
            if (missed.Code is "NothingCalled") return;
            if (missed.Code is not "TooEarly") throw new InvalidOperationException($"no-show at {at}: {missed}");
            var recall = await clerk.Client.PostAsync(at + "/recall", cancel: cancel);
            if (!Taken<TicketRecalled>(recall, "recall", visitor.Id)) return;
        }
    }

    private async Task ComeBackAsync(Visitor visitor, CancellationToken cancel)
    {
        await clock.DelayAsync(TimeSpan.FromMinutes(Draw(2, 12)), cancel);
        if (clock.Now < hours.Closes) Taken<TicketReturned>(await Holder.PostAsync($"tickets/{visitor.Token}/back", cancel: cancel), "back", visitor.Id);
    }

    private async Task RateAsync(Visitor visitor, string window, string grade, CancellationToken cancel)
    {
        if (Pads.TryGetValue(window, out var pad) && Chance(0.7))
        {
            await clock.DelayAsync(TimeSpan.FromSeconds(Draw(3, 8)), cancel);
            // The next service may have begun: then the pad asks for nothing, or for another's, which this visitor leaves alone.
            if (pad.Screen.Nonce is { } nonce)
            {
                var rated = await pad.Client.PostAsync($"halls/{hall}/windows/{window}/rating", new JsonObject { ["nonce"] = nonce, ["grade"] = grade }, cancel: cancel);
                var mine = rated.IsDone && rated.Text("number") == visitor.Number;
                if (rated.IsDone) Add<ServiceRated>(rated, mine ? visitor.Id : await IdOf(rated.Text("number")));
                else Refused("rating", rated);
                if (mine) return;
            }
        }
        await clock.DelayAsync(TimeSpan.FromMinutes(Draw(1, 10)), cancel);
        Taken<ServiceRated>(await Holder.PostAsync($"tickets/{visitor.Token}/rating", new JsonObject { ["grade"] = grade, ["tags"] = new JsonArray("态度好") }, cancel: cancel), "rating", visitor.Id);
    }

    private async Task<string> IdOf(string number)
    {
        foreach (var visitor in _visitors.Values)
            if (visitor.Task.IsCompleted && (await visitor.Task).Number == number) return (await visitor.Task).Id;
        throw new InvalidOperationException($"{hall}: {number} was rated, and nobody has it.");
    }

    /// <summary>True where the step was done, and then it stands in the ledger; false where the rules refused it.</summary>
    private bool Taken<T>(ApiAnswer answer, string what, string subject)
    {
        if (answer.IsDone && answer.Body is not null)
        {
            Add<T>(answer, subject);
            return true;
        }
        Refused(what, answer);
        return false;
    }

    private void Refused(string what, ApiAnswer answer)
    {
        if (answer.Code is null || answer.Status is not System.Net.HttpStatusCode.Conflict) throw new InvalidOperationException($"{hall}, {what}: {answer}");
        _refusals.AddOrUpdate($"{what} {answer.Code}", 1, static (_, count) => count + 1);
    }

    private void Add<T>(ApiAnswer answer, string subject) => ledger.Add(new(hall, typeof(T), subject, answer.Sent, answer.Received));

    private ApiAnswer Expect(ApiAnswer answer, string what) => answer.IsDone ? answer : throw new InvalidOperationException($"{hall}, {what}: {answer}");

    // Whoever is called may be called before the kiosk has heard of its own number.
    private TaskCompletionSource<Visitor> VisitorOf(string id) => _visitors.GetOrAdd(id, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    private bool Chance(double share) => Draw(0, 1) < share;

    private double Draw(double from, double to)
    {
        lock (random) return from + (to - from) * random.NextDouble();
    }

    private sealed record Called(string Id, string Class);

    private sealed class Visitor(PlannedVisitor planned, string id, string token, string number)
    {
        public PlannedVisitor Planned { get; } = planned;
        public string Id { get; } = id;
        public string Token { get; } = token;
        public string Number { get; } = number;
        public int Missed { get; set; }
    }
}

/// <summary>A window and who sits at it.</summary>
/// <param name="Staff">Null: nobody of the list, with the whole profile.</param>
internal sealed record DayClerk(ApiClient Client, string Window, string? Staff, IReadOnlyList<string> Lines, bool EatsFirst);

/// <summary>The day's hours, later than planned by what setting up took too long.</summary>
internal sealed record DayHours(DateTimeOffset Midnight, TimeSpan Late)
{
    public DateTimeOffset Doors => At(Midnight.AddHours(8));
    public DateTimeOffset Opens => At(Midnight.AddHours(8.5));
    public DateTimeOffset Lunch => At(Midnight.AddHours(11.75));
    public DateTimeOffset Closes => At(Midnight.AddHours(17));

    /// <summary>Who is not called by then goes home.</summary>
    public DateTimeOffset Ends => At(Midnight.AddHours(18));

    public DateTimeOffset At(DateTimeOffset planned) => planned + Late;
}
