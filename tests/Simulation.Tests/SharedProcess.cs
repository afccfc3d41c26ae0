using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Silo.Journal;

namespace HallOps.Simulation.Tests;

/// <summary>One of several processes on a store: its writer, its halls and its one connection, which do what <c>RedisJournal</c> and <c>RedisFlush</c> do, a step at a time.</summary>
internal sealed class SharedProcess
{
    private readonly ulong _start;
    private uint _claims;
    private byte[]?[] _open = [];
    private bool[] _sent = [];
    private AppendOutcome[] _outcomes = [];
    private bool _snapshotsSent;

    public SharedProcess(SharedStore store, string owner, IEnumerable<SimulatedHall.Name> halls, HallActorOptions options)
    {
        (Store, Owner, _start) = (store, owner, store.Start());
        Writer = new JournalWriter(static () => { });
        Halls = [.. halls.Select(h => new SharedHall(this, h, options))];
        Connect();
    }

    public SharedStore Store { get; }
    public string Owner { get; }
    public JournalWriter Writer { get; }
    public IReadOnlyList<SharedHall> Halls { get; }
    public Connection? Link { get; private set; }

    /// <summary>The flush that is out.</summary>
    public Flush? Out { get; private set; }

    /// <summary>Appends that wait for an answer on the connection.</summary>
    public int Waiting { get; private set; }

    public bool FlushIsKnown => Out is not null && Waiting == 0 && !_open.Any(o => o is not null);

    public ulong NextEpoch(ulong highest) => Math.Max((_start << 32) | ++_claims, highest + 1);

    public void Connect()
    {
        Link = new Connection();
        // Before anything is written on it.
        foreach (var hall in Halls)
            if (hall.Known.Confirmed.Sequence > 0) Store.Check(hall.Number, hall.Known.Confirmed);
    }

    /// <returns>The connection that broke, on which some may still arrive.</returns>
    public Connection Cut(int late)
    {
        var link = Link!;
        Link = null;
        link.Cut(late);
        return link;
    }

    public bool TakeFlush()
    {
        Out = Writer.NextFlush();
        if (Out is null) return false;
        _open = new byte[]?[Out.Appends.Count];
        _sent = new bool[_open.Length];
        _outcomes = new AppendOutcome[_open.Length];
        _snapshotsSent = false;
        for (var i = 0; i < _open.Length; i++)
        {
            var append = Out.Appends[i];
            _outcomes[i] = AppendOutcome.Refused;
            if (HallOf(append.Hall).Known.Epoch == append.Epoch) _open[i] = append.Frames.ToArray();
        }
        return true;
    }

    public void SendFlush()
    {
        if (!_snapshotsSent)
            foreach (var snapshot in Out!.Snapshots)
                Link!.Send(() => Store.Snapshot(Owner, snapshot), static _ => { }, static () => { });
        _snapshotsSent = true;
        for (var i = 0; i < _open.Length; i++)
        {
            if (_open[i] is not { } frames) continue;
            var (at, append, again) = (i, Out!.Appends[i] with { Frames = frames }, _sent[i]);
            Waiting++;
            Link!.Send(() => Store.Append(Owner, append, again), stored =>
            {
                Waiting--;
                _outcomes[at] = stored ? AppendOutcome.Stored : AppendOutcome.Refused;
                (_open[at], _sent[at]) = (null, false);
            }, () =>
            {
                Waiting--;
                _sent[at] = true;
            });
        }
    }

    /// <summary>Asked after for long enough: what was sent may be there or not, the rest is not.</summary>
    public void GiveUp() => Finish(new FlushFailure(Full: true, "the store does not answer"));

    public void Report() => Finish(null);

    private void Finish(FlushFailure? failure)
    {
        for (var i = 0; i < _open.Length; i++)
            if (_open[i] is not null) _outcomes[i] = _sent[i] ? AppendOutcome.Uncertain : AppendOutcome.NotStored;
        var flush = Out!;
        Out = null;
        for (var i = 0; i < _open.Length; i++) HallOf(flush.Appends[i].Hall).Told(flush.Appends[i], _outcomes[i]);
        Array.Clear(_open);
        Writer.Completed(flush, new FlushOutcome(_outcomes, failure));
    }

    private SharedHall HallOf(uint number) => Halls[(int)number - 1];
}

/// <summary>A hall in one process, and what its journal knows of it.</summary>
internal sealed class SharedHall(SharedProcess process, SimulatedHall.Name name, HallActorOptions options)
{
    private bool _claiming;
    private ulong? _claimed;

    public uint Number => name.Number;
    public SimulatedHall.Name Name => name;
    public SimulatedHall Hall { get; } = new(process.Writer, name, options, null);
    public HallActor Actor => Hall.Actor;

    /// <summary>What the journal keeps.</summary>
    public RedisHall Known { get; } = new(name.Number);

    /// <summary>The last record that the process was told is there, by a read or for one of its own, and the epoch it had then: what the simulation judges by.</summary>
    public Confirmed Seen { get; private set; }

    /// <summary>Why it does nothing any more; null: it does.</summary>
    public SharedStore.Loss? StandsStill { get; set; }

    public bool IsQuiet => StandsStill is not null ? Hall.Mailbox.Count == 0 && !Hall.HasNews : Hall.IsQuiet;

    /// <summary>The next step of a load: the claim goes out, its answer came back, the history is read.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Load(Instant now)
    {
        if (StandsStill is not null || Actor.IsLoaded || _claiming) return false;
        if (_claimed is { } epoch)
        {
            _claimed = null;
            Read(epoch, now);
            return true;
        }
        if (process.Link is null) return false;
        var (atLeast, confirmed) = (process.NextEpoch(Known.Highest), Known.Confirmed);
        _claiming = true;
        process.Link.Send(() => process.Store.Claim(Number, process.Owner, atLeast, confirmed), claim =>
        {
            _claiming = false;
            Claimed(claim, confirmed);
        }, () => _claiming = false);
        return true;
    }

    public void Told(in Append append, AppendOutcome outcome)
    {
        Known.Told(append, outcome);
        if (outcome == AppendOutcome.Stored) Seen = Known.Confirmed;
    }

    public void TakeOne(Instant now)
    {
        if (StandsStill is null) Hall.TakeOne(now);
        else Hall.Mailbox.Dequeue().Pending.Set(HallAnswer.Failed(AnswerStatus.Quarantined));
    }

    private void Claimed(SharedStore.Claimed claim, Confirmed confirmed)
    {
        var lost = claim.Lost;
        if (confirmed.Epoch > claim.Accepted && FirstLost(confirmed) is { } first) lost = process.Store.MarkLost(Number, first, confirmed);
        if (lost is not null) Stop(lost);
        else
        {
            Known.Claimed(claim.Epoch, claim.Sequence, claim.Chain, claim.Accepted);
            _claimed = claim.Epoch;
        }
    }

    private void Read(ulong epoch, Instant now)
    {
        var (head, records) = (process.Store.HeadOf(Number), process.Store.RecordsOf(Number));
        if (process.Store.LostOf(Number) is { } lost) Stop(lost);
        else if (head.Sequence < Known.Confirmed.Sequence && process.Store.Check(Number, Known.Confirmed) is { } now2) Stop(now2);
        else
        {
            var snapshot = process.Store.NewestOf(Number);
            var tail = records.Skip((int)(snapshot?.Sequence ?? 0)).ToList();
            if (Known.Epoch == head.Epoch) Known.Read(tail);
            Seen = records is [.., var last] ? new(epoch, last.Sequence, last.Chain) : default;
            Hall.Begin(epoch, new HallHistory(head, snapshot, tail), now);
        }
    }

    private long? FirstLost(Confirmed confirmed) => RedisHall.FirstLostAsync(confirmed, Known.Ends(), (sequence, chain) =>
        new(process.Store.IsThere(Number, sequence, chain))).AsTask().GetAwaiter().GetResult();

    private void Stop(SharedStore.Loss lost)
    {
        StandsStill = lost;
        Actor.Lost(AnswerStatus.Quarantined);
        Actor.Refuse(AnswerStatus.Quarantined);
    }
}
