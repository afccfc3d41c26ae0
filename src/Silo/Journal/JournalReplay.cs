using HallOps.Core.Halls;
using Microsoft.Data.Sqlite;

namespace HallOps.Silo.Journal;

/// <summary>Folds one hall's history from its first record on, whether a server runs on the folder or not, and changes nothing.</summary>
public static class JournalReplay
{
    /// <summary>What looks at the hall right after an event.</summary>
    /// <returns>False to stop.</returns>
    public delegate bool Look(HallState state, HallEvent @event);

    /// <returns>False where the journal has no such hall.</returns>
    /// <exception cref="JournalUnusableException">There is no journal, it cannot be read, or a record of the hall is broken or missing.</exception>
    public static bool Run(string folder, HallId hall, Look look, CancellationToken cancel = default)
    {
        if (SqliteSchema.LookFirst(folder)) throw new JournalUnusableException($"there is no journal in {folder}");
        try
        {
            using var reader = new SqliteReader(folder);
            var number = reader.Halls().Where(h => h.Name == hall.Value).Select(h => (uint?)h.Number).FirstOrDefault();
            if (number is not { } known) return false;
            Run(reader, known, look, cancel);
            return true;
        }
        catch (SqliteException e)
        {
            throw SqliteSchema.Unusable(folder, e);
        }
        catch (JournalArchiveException e)
        {
            throw new JournalUnusableException(e.Message, e);
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            throw new JournalUnusableException($"the records of {hall} cannot be read ({e.Message.TrimEnd('.')}); journal verify says which", e);
        }
    }

    private static void Run(SqliteReader reader, uint hall, Look look, CancellationToken cancel)
    {
        var state = new HallState();
        var last = reader.LastPosition();
        var goesOn = true;
        for (var from = 1L; from <= last && goesOn;)
        {
            var (bytes, began) = (0L, from);
            reader.From(from, (position, body) =>
            {
                if (position > last) return false;
                cancel.ThrowIfCancellationRequested();
                from = position + 1;
                goesOn = Fold(body, hall, state, look);
                return goesOn && (bytes += body.Length) < SqliteReader.Sitting;
            });
            if (from == began) break;
        }
    }

    private static bool Fold(ReadOnlySpan<byte> body, uint hall, HallState state, Look look)
    {
        var walk = new FrameWalk(body);
        while (walk.Next())
        {
            if (walk.Broken) throw new FormatException("a record does not fit its checksum");
            if (walk.Hall != hall) continue;
            var record = RecordFrame.Read(walk.Bytes.ToArray(), out _);
            if (record.Sequence != state.Sequence + 1) throw new FormatException($"record {state.Sequence + 1} is missing");
            var @event = EventCodec.Read(record.Type, record.Version, record.Payload.Span);
            Hall.Evolve(state, @event, new Instant(record.At), record.Sequence);
            if (!look(state, @event)) return false;
        }
        return true;
    }
}
