using System.Threading.Channels;
using HallOps.Core.Halls;
using HallOps.Load.Halls;
using HallOps.Silo;
using HallOps.Silo.Journal;

namespace HallOps.Load.Actor;

/// <summary>
/// A real <see cref="HallActor"/> behind a plain channel, asked as the engine asks it, with a journal that confirms at once and keeps nothing: what a command costs with all rules on and no journal. Nothing
/// is encoded: what a record costs is told apart, by the breakdown.
/// </summary>
internal sealed class ChannelHall
{
    private static readonly DateTimeOffset Morning = new(2026, 11, 23, 9, 0, 0, TimeSpan.FromHours(8));

    private readonly HallActor _actor;
    private readonly AtOnce _recorder = new();
    private readonly HallClock _clock = new(TimeProvider.System, Morning);

    public ChannelHall(PackedDocument document)
    {
        _actor = new HallActor(1, document.Settings.Hall, TimeSpan.FromSeconds(30));
        _actor.Loaded(1, new HallHistory(new Head(1, 0), null, []), _recorder, _clock.Now);
        Lines = Town.Slots([document]);
        Take(new ConfigureHall(1, document));
        foreach (var slot in Lines) Take(new OpenWindow(slot.Window, Clerk(slot), null));
    }

    /// <summary>The windows of the hall with a line of their own: one caller each.</summary>
    public Slot[] Lines { get; }

    public static Clerk Clerk(Slot slot) => new("clerk-" + slot.Window, null, false);

    /// <summary>A ticket's life, as its caller sends it.</summary>
    public static HallCommand[] Cycle(Slot slot) =>
    [
        new IssueTicket(slot.Service, null, Grants.Self, null, null, TicketSource.Kiosk, null, false, null),
        new CallNext(slot.Window, Clerk(slot)), new StartService(slot.Window, Clerk(slot)), new FinishService(slot.Window, Clerk(slot), FinishOutcome.Done, null, 1),
    ];

    /// <summary>Takes commands until the channel is completed. As in the engine, a turn takes all that came and has one time.</summary>
    public async Task RunAsync(ChannelReader<Ask> mailbox)
    {
        while (await mailbox.WaitToReadAsync())
        {
            var now = _clock.Now;
            while (mailbox.TryRead(out var ask)) Take(ask, now);
        }
    }

    public HallAnswer Take(HallCommand command)
    {
        var ask = Ask.For(new HallRequest(command, "load"));
        var answered = ask.Task;
        Take(ask, _clock.Now);
        var answer = answered.GetAwaiter().GetResult();
        return answer.Status == AnswerStatus.Done ? answer : throw new InvalidOperationException($"{command}: {answer.Status} {answer.Refusal?.Code}");
    }

    private void Take(Ask ask, Instant now)
    {
        _actor.Take(ask.Request, ask, now);
        _actor.Stored(_recorder.Sequence, now);
    }

    private sealed class AtOnce : IRecorder
    {
        public bool Keeps => false;

        public long Sequence { get; private set; }
        public bool HasRoom => true;
        public string? Unavailable => null;

        public void Append(ReadOnlySpan<byte> frames, int count) => Sequence += count;
    }
}
