using HallOps.Core.Halls;

namespace HallOps.Silo.Journal;

/// <summary>
/// The scan of a start: every flush from the checkpoint on, its records shared out to their halls. A hall whose records do not go on without holes is quarantined. Damage of which
/// it cannot be told whose it is stops the start: a hall whose last records were lost without a trace would hand out the same numbers twice.
/// </summary>
internal sealed class SqliteScan(string folder, Dictionary<uint, SqliteHall> halls)
{
    /// <summary>The position of the next flush.</summary>
    public long Next { get; private set; }
    public long Records { get; private set; }
    public long Checkpoint { get; private set; }

    public void Run(SqliteReader reader)
    {
        foreach (var (number, name) in reader.Halls()) halls.Add(number, new SqliteHall(number) { Name = new HallId(name), Listed = true });
        foreach (var place in reader.Snapshots())
        {
            // Older before newer: a hall's head is that of its newest.
            var hall = HallAt(place.Hall);
            hall.Cover(place);
            hall.Head = new Head(place.Epoch, place.Sequence);
        }
        Next = Checkpoint = reader.Meta("checkpoint");
        var last = reader.LastPosition();
        reader.From(Checkpoint, (position, body) =>
        {
            if (position != Next) throw Unusable($"flush {Next} is missing");
            Flush(position, body);
            Next++;
            return true;
        });
        if (Next != last + 1) throw Unusable($"flush {Next} is missing");
        foreach (var hall in halls.Values)
            if (hall.Damage is null && hall.Head.Sequence == 0) hall.Damage = Damage(hall, "none of its records is there");
    }

    public static string Damage(SqliteHall hall, string what) => FormattableString.Invariant($"hall {hall.Name} (number {hall.Number}) is damaged: {what}");

    private void Flush(long position, ReadOnlySpan<byte> body)
    {
        var walk = new FrameWalk(body);
        while (walk.Next())
        {
            if (walk.Broken) Broken(position, walk);
            else Whole(position, walk);
            Records++;
        }
    }

    private void Whole(long position, in FrameWalk walk)
    {
        var hall = HallAt(walk.Hall);
        var (epoch, last) = hall.Head;
        if (walk.Sequence <= hall.Covered) return;
        if (hall.Damage is null && walk.Sequence == last + 1 && walk.Epoch >= epoch)
        {
            hall.Head = new Head(walk.Epoch, walk.Sequence);
        }
        else
        {
            hall.Damage ??= Damage(hall, walk.Sequence > last + 1 ? FormattableString.Invariant($"records {last + 1} to {walk.Sequence - 1} are missing before flush {position}")
                : walk.Sequence <= last ? FormattableString.Invariant($"flush {position} has record {walk.Sequence} again")
                : FormattableString.Invariant($"record {walk.Sequence} in flush {position} has epoch {walk.Epoch}, the one before it {epoch}"));
        }
        hall.Add(new TailFlush(position, walk.Sequence, Records));
    }

    private void Broken(long position, in FrameWalk walk)
    {
        var where = FormattableString.Invariant($"at byte {walk.Offset} of flush {position}");
        if ((walk.Repaired() ?? Expected(walk.Claimed())) is not var (number, sequence))
            throw Unusable($"{walk.Bytes.Length} bytes {where} fit no checksum, and it cannot be told whose they are");
        var hall = HallAt(number);
        // In the snapshot already: nothing a reload needs. `journal verify` reports it.
        if (sequence <= hall.Covered) return;
        hall.Damage ??= Damage(hall, FormattableString.Invariant($"record {sequence} {where} does not fit its checksum"));
        // Held, so that the checkpoint never passes what is damaged.
        hall.Add(new TailFlush(position, sequence, Records));
    }

    /// <summary>What a broken record says of itself is believed where it is the very record that comes next, or one of a hall that is quarantined or has it in its snapshot.</summary>
    private (uint, long)? Expected((uint Hall, long Sequence)? claimed) =>
        claimed is var (number, sequence) && sequence > 0 && halls.TryGetValue(number, out var hall)
            && (hall.Damage is not null || sequence == hall.Head.Sequence + 1 || sequence <= hall.Covered) ? claimed : null;

    private SqliteHall HallAt(uint number)
    {
        if (halls.TryGetValue(number, out var hall)) return hall;
        halls.Add(number, hall = new SqliteHall(number) { Name = new HallId(FormattableString.Invariant($"hall-{number}")), Listed = true });
        hall.Damage = Damage(hall, "the directory does not know its number");
        return hall;
    }

    private JournalUnusableException Unusable(string what) => new(SqliteSchema.Damaged(folder, what));
}
