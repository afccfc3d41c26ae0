using System.Text;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Silo.Journal;
using HallOps.Web.Tests.Door;

namespace HallOps.Web.Tests.Projections;

/// <summary>What becomes of a command's events when the incarnation ends right after it.</summary>
internal enum Loss
{
    /// <summary>It does not end.</summary>
    None,
    /// <summary>Stored, and nobody is told.</summary>
    Unheard,
    /// <summary>Decided, and never stored.</summary>
    Dropped,
}

/// <summary>A hall's actor on a real journal, one step at a time: every command is durable, and told, when <see cref="SendAsync"/> returns.</summary>
internal sealed class DrivenHall(IJournal journal, uint number, HallId hall, Func<IConfirmedEvents> told)
{
    private HallActor _actor = null!;
    private Recorder _recorder = null!;
    private ulong _epoch;

    public uint Number => number;
    public HallId Hall => hall;
    public Instant Now { get; private set; } = Instant.From(new DateTimeOffset(2026, 11, 2, 8, 0, 0, TimeSpan.FromHours(8)));

    /// <summary>The last durable sequence.</summary>
    public long Sequence => _recorder.After;

    public HallListing? Listing
    {
        get
        {
            lock (this) return _actor.Confirmed.Exists ? HallPicture.Listing(_actor.Confirmed) : null;
        }
    }

    /// <summary>A new incarnation, as after a lost append or an idle time.</summary>
    public async Task LoadAsync()
    {
        _epoch = await journal.ClaimAsync(number, TestContext.Current.CancellationToken);
        var history = await journal.ReadAsync(number, TestContext.Current.CancellationToken);
        lock (this)
        {
            _actor = new HallActor(number, hall, TimeSpan.FromSeconds(30), new Told(told));
            _recorder = new Recorder { After = history.Head.Sequence };
            _actor.Loaded(_epoch, history, _recorder, Now);
        }
    }

    public Task ConfigureAsync(Loss loss = Loss.None) => SendAsync(new ConfigureHall(number, PackedDocument.Pack(HallDocument.Minify(Encoding.UTF8.GetBytes(DoorHost.Document(hall))))), TimeSpan.Zero, loss);

    public async Task<HallAnswer?> SendAsync(HallCommand command, TimeSpan after, Loss loss = Loss.None)
    {
        Now += after;
        var answer = new Pending();
        lock (this) _actor.Take(new HallRequest(command, "test"), answer, Now);
        if (_recorder.Take() is var (frames, count))
        {
            if (loss == Loss.Dropped)
            {
                await LoadAsync();
                return null;
            }
            var outcome = await journal.AppendAsync(new Flush(frames, [new Append(number, hall, _epoch, _recorder.After, count, frames)], []), TestContext.Current.CancellationToken);
            Assert.Equal([AppendOutcome.Stored], outcome.Appends);
            _recorder.After += count;
            if (loss == Loss.Unheard) await LoadAsync();
            else lock (this) _actor.Stored(_recorder.After, Now);
        }
        return answer.Answer;
    }

    public async Task SnapshotAsync()
    {
        SnapshotWrite? snapshot;
        lock (this) snapshot = _actor.Snapshot();
        if (snapshot is { } write) await journal.AppendAsync(new Flush(ReadOnlyMemory<byte>.Empty, [], [write]), TestContext.Current.CancellationToken);
    }

    /// <summary>Something that people in the hall might do, and some time passing.</summary>
    public Task<HallAnswer?> SendAnythingAsync(Random random, Loss loss = Loss.None)
    {
        var window = random.Next(1, 3);
        var (id, clerk) = (new WindowId($"{window}"), new Clerk($"clerk{window}", new StaffId($"w0{window}"), false));
        // Mostly of the last ones: those that are about.
        var ticket = new TicketId(number, Math.Max(1, _actor.Confirmed.Tickets.Count == 0 ? 1 : _actor.Confirmed.Tickets.Max(t => t.Id.Ordinal) - random.Next(8)));
        var outcome = random.Next(2) == 0 ? FinishOutcome.Done : FinishOutcome.ToldOnce;
        HallCommand command = random.Next(20) switch
        {
            < 6 => new IssueTicket(new ServiceId("s"), random.Next(4) == 0 ? new ClassId("elderly") : null, Grants.Self | Grants.Guide, null, null, TicketSource.Kiosk, random.Next(5) == 0 ? false : null, false, null),
            6 => new MarkPrinted(ticket),
            7 => new CancelTicket(ticket),
            8 => new ReturnTicket(ticket),
            9 => new RateTicket(ticket, (Grade)random.Next(5), [], null),
            10 => new OpenWindow(id, clerk, null),
            11 or 12 => new CallNext(id, clerk),
            13 => new Recall(id, clerk),
            14 or 15 => new StartService(id, clerk),
            16 => new FinishService(id, clerk, outcome, null, 1),
            17 or 18 => new Next(id, clerk, outcome, null),
            _ => new MarkNoShow(id, clerk),
        };
        return SendAsync(command, TimeSpan.FromSeconds(random.Next(0, 40)), loss);
    }

    private sealed class Recorder : IRecorder
    {
        private readonly List<byte> _frames = [];
        private int _count;

        public long After { get; set; }
        public bool HasRoom => true;
        public string? Unavailable => null;

        public void Append(ReadOnlySpan<byte> frames, int count)
        {
            _frames.AddRange(frames);
            _count += count;
        }

        public (ReadOnlyMemory<byte> Frames, int Count)? Take()
        {
            if (_count == 0) return null;
            var taken = ((ReadOnlyMemory<byte>)_frames.ToArray(), _count);
            _frames.Clear();
            _count = 0;
            return taken;
        }
    }

    private sealed class Pending : IPendingAnswer
    {
        public HallAnswer? Answer { get; private set; }

        public void Set(HallAnswer answer) => Answer = answer;
    }

    // Who is told is another one after a crash.
    private sealed class Told(Func<IConfirmedEvents> listener) : IConfirmedEvents
    {
        public void Decided(HallState state, HallEvent @event) => listener().Decided(state, @event);

        public void Confirmed(uint hall, long upTo) => listener().Confirmed(hall, upTo);

        public void Loaded(HallState state) => listener().Loaded(state);
    }
}
