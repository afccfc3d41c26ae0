using HallOps.Core.Halls;
using HallOps.Silo.Journal;

namespace HallOps.Silo.Tests.Journal;

/// <summary>Writes frozen samples with real events: hall 1 has the events one after the other, whether they fit or not; hall 2 has lived the commands.</summary>
internal static class FrozenSample
{
    public const uint EventsHall = 1;
    public const uint DayHall = 2;

    /// <summary>Writes the sample into an empty folder.</summary>
    /// <param name="commands">With the seconds from the opening when they were taken.</param>
    /// <param name="snapshotAt">The sequence at which the day's snapshot is taken.</param>
    public static async Task FreezeAsync(string folder, Instant opening, IReadOnlyList<HallEvent> events, IReadOnlyList<(int Second, HallCommand Command)> commands, long snapshotAt)
    {
        await using var journal = SqliteJournal.Open(folder);
        var epoch = await journal.ClaimAsync(EventsHall);
        var (frames, payload, chain) = (new ByteWriter(), new ByteWriter(), UInt128.Zero);
        for (var i = 0; i < events.Count; i++)
        {
            payload.Clear();
            var type = EventCodec.Write(payload, events[i]);
            chain = RecordFrame.Write(frames, new JournalRecord(EventsHall, epoch, i + 1, opening.Milliseconds, true, "freezer", 0, 0, type, EventCodec.Version, default, default), payload.Written, chain);
        }
        await StoreAsync(journal, new Append(EventsHall, new HallId("events"), epoch, 0, events.Count, frames.ToArray()), []);

        var recorder = new Recorder();
        var actor = new HallActor(DayHall, new HallId("frozen"), TimeSpan.FromSeconds(30));
        epoch = await journal.ClaimAsync(DayHall);
        actor.Loaded(epoch, await journal.ReadAsync(DayHall), recorder, opening);
        UInt128 key = 1000;
        var taken = false;
        foreach (var (second, command) in commands)
        {
            actor.Take(new HallRequest(command, "freezer", key++, 5), new Nobody(), opening + TimeSpan.FromSeconds(second));
            var after = recorder.Stored;
            if (recorder.Count == 0) continue;
            await StoreAsync(journal, new Append(DayHall, actor.Hall, epoch, after, recorder.Count, recorder.Take()), []);
            actor.Stored(recorder.Stored, opening);
            if (taken || actor.Confirmed.Sequence < snapshotAt) continue;
            taken = true;
            await StoreAsync(journal, null, [actor.Snapshot()!.Value]);
        }
    }

    /// <summary>Writes three days of two halls, and archives the first two.</summary>
    public static async Task FreezeArchivedAsync(string folder)
    {
        var day = new DateOnly(2026, 11, 1);
        HallPen[] pens = [new(1), new(70_000)];
        await using (var journal = SqliteJournal.Open(folder))
        {
            foreach (var pen in pens) await pen.Load(journal);
            for (var i = 0; i < 3; i++, day = day.AddDays(1))
            {
                for (var flush = 0; flush < 10; flush++)
                    foreach (var pen in pens) await StoreAsync(journal, pen.Next(4), []);
                foreach (var pen in pens) await StoreAsync(journal, pen.EndDay(day), []);
                await StoreAsync(journal, null, [.. pens.Select(p => p.Snapshot())]);
            }
        }
        JournalArchiving.OfFolder(folder, new DateOnly(2026, 11, 3), Console.Out);
    }

    private static async Task StoreAsync(SqliteJournal journal, Append? append, SnapshotWrite[] snapshots)
    {
        var outcome = await journal.AppendAsync(new Flush(append?.Frames ?? default, append is { } a ? [a] : [], snapshots));
        if (outcome.Failure is not null || outcome.Appends.Any(o => o != AppendOutcome.Stored)) throw new InvalidOperationException("The sample could not be written.");
    }

    private sealed class Nobody : IPendingAnswer
    {
        public void Set(HallAnswer answer)
        {
            if (answer.Status != AnswerStatus.Done) throw new InvalidOperationException($"The sample's day was refused: {answer.Status} {answer.Refusal?.Code}.");
        }
    }

    private sealed class Recorder : IRecorder
    {
        private readonly ByteWriter _frames = new();

        public bool HasRoom => true;
        public string? Unavailable => null;
        public int Count { get; private set; }
        public long Stored { get; private set; }

        public void Append(ReadOnlySpan<byte> frames, int count)
        {
            _frames.Raw(frames);
            Count += count;
        }

        public byte[] Take()
        {
            var bytes = _frames.ToArray();
            _frames.Clear();
            Stored += Count;
            Count = 0;
            return bytes;
        }
    }
}
