using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Silo.Journal;

namespace HallOps.Simulation.Tests;

/// <summary>A simulated engine with one open hall, driven by hand: what the named faults are told with.</summary>
internal sealed class Bench
{
    private static readonly PackedDocument[] Documents = SimulatedHalls.Documents("hall-1");

    private readonly SimulatedHall.Name _name = new(1, new HallId("hall-1"));
    private SimulatedEngine _engine;

    /// <param name="at">Local time in Shanghai.</param>
    public Bench(string at = "2026-11-23T09:00:00+08:00")
    {
        Now = Instant.From(DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture));
        _engine = new SimulatedEngine(Store, [_name], new HallActorOptions());
        Do(new ConfigureHall(1, Documents[0]));
        foreach (var window in (ReadOnlySpan<string>)["1", "2", "3"]) Do(new OpenWindow(new WindowId(window), ClerkOf(window), null));
    }

    public SimulatedStore Store { get; } = new();
    public Instant Now { get; set; }
    public SimulatedHall Hall => _engine.Halls[0];
    public Ledger Ledger => Store.LedgerOf(1);
    public HallState Confirmed => Hall.Actor.Confirmed;

    public static Clerk ClerkOf(string window) => new("clerk-" + window, null, false);

    public static IssueTicket Issue(string service = "s1", PersonId? person = null, bool? printed = null) =>
        new(new ServiceId(service), null, Grants.Self, null, person, TicketSource.Kiosk, printed, false, null);

    /// <summary>Puts a command into the mailbox.</summary>
    public Heard Send(HallCommand command, UInt128 key = default, UInt128 body = default)
    {
        var heard = new Heard();
        Hall.Mailbox.Enqueue((new HallRequest(command, "test", key, body), heard));
        return heard;
    }

    /// <summary>Sends a command and runs until it is answered.</summary>
    public HallAnswer Do(HallCommand command, UInt128 key = default, UInt128 body = default)
    {
        var heard = Send(command, key, body);
        Rest();
        return heard.Answer ?? throw new LawBrokenException($"{command} is not answered");
    }

    /// <summary>The hall takes all its mail and decides; nothing is stored yet.</summary>
    public void Take()
    {
        while (!Hall.Actor.IsLoaded) Hall.Load(Now);
        while (Hall.Mailbox.Count > 0) Hall.TakeOne(Now);
    }

    /// <summary>One flush, to this end; false where there is nothing to store.</summary>
    public bool Flush(Fate fate = Fate.Stored)
    {
        if (!_engine.TakeFlush()) return false;
        _engine.Commit(fate);
        _engine.Report();
        while (Hall.HasNews) Hall.Hear(Now);
        return true;
    }

    /// <summary>Runs until nothing is left to do.</summary>
    public void Rest()
    {
        do Take();
        while (Flush() || !Hall.IsQuiet);
    }

    /// <summary>Decides what is in the mail and dies right after the commit, before anybody hears of it; or right before it.</summary>
    public void Crash(bool afterCommit)
    {
        Take();
        if (_engine.TakeFlush() && afterCommit) _engine.Commit(Fate.Stored);
        Store.Restart();
        _engine = new SimulatedEngine(Store, [_name], new HallActorOptions());
        Rest();
    }

    public Screen Watch(TopicKind kind = TopicKind.Hall)
    {
        var screen = new Screen(new Topic(kind, _name.Hall), 1, () => Ledger.State.Sequence);
        Watch(screen);
        return screen;
    }

    public void Watch(Screen screen)
    {
        screen.Watches = true;
        Assert.True(Hall.Actor.Feed.Watch(screen.Topic, screen, Confirmed, Now));
    }

    internal sealed class Heard : IPendingAnswer
    {
        public HallAnswer? Answer { get; private set; }

        public void Set(HallAnswer answer)
        {
            Assert.Null(Answer);
            Answer = answer;
        }
    }
}
