using System.Diagnostics.CodeAnalysis;
using HallOps.Silo.Journal;

namespace HallOps.Silo;

/// <summary>
/// The answers a hall remembers by their keys, oldest first. Those that came with a snapshot stay the bytes they were there until a key is asked for: a busy hall has tens of thousands a day,
/// a start need look at none of them, and the next snapshot has them as they are. One owner at a time; not thread-safe.
/// </summary>
public sealed class Answers
{
    private readonly Dictionary<UInt128, Remembered> _recent = [];
    private readonly List<(UInt128 Key, Remembered Answer)> _order = [];
    private ReadOnlyMemory<byte> _stored;
    private int _storedCount;

    /// <summary>Where in <see cref="_stored"/> a key's answer is; null until one is asked for.</summary>
    private Dictionary<UInt128, int>? _places;

    public Answers() { }

    /// <param name="stored">So many answers as <see cref="Write"/> writes them, and nothing more; their checksum was looked at.</param>
    internal Answers(int count, ReadOnlyMemory<byte> stored) => (_storedCount, _stored) = (count, stored);

    /// <exception cref="FormatException">The stored answers are of a newer program.</exception>
    public bool TryGet(UInt128 key, [NotNullWhen(true)] out Remembered? answer)
    {
        if (_recent.TryGetValue(key, out answer)) return true;
        if (_storedCount == 0) return false;
        if (!(_places ??= Places()).TryGetValue(key, out var at)) return false;
        var from = new ByteReader(_stored.Span[at..]);
        answer = Read(ref from, out _);
        return true;
    }

    /// <summary>Remembers an answer that follows all the others. Its key is new.</summary>
    public void Add(UInt128 key, Remembered answer)
    {
        _recent.Add(key, answer);
        _order.Add((key, answer));
    }

    /// <summary>Forgets the answers of a service day and of those before it, which are the oldest.</summary>
    public void Forget(DateOnly day)
    {
        var from = new ByteReader(_stored.Span);
        var gone = 0;
        while (_storedCount > 0 && Peek(ref from) <= day)
        {
            _storedCount--;
            gone = from.Position;
        }
        if (gone > 0)
        {
            // A copy, so that what is forgotten does not stay in memory under what is not.
            _stored = _stored[gone..].ToArray();
            _places = null;
        }
        var last = 0;
        while (last < _order.Count && _order[last].Answer.Day <= day) _recent.Remove(_order[last++].Key);
        _order.RemoveRange(0, last);
    }

    /// <summary>Writes the answers up to a sequence, their number first. The same answers give the same bytes, whatever way they came about.</summary>
    internal void Write(ByteWriter to, long upTo)
    {
        // Those that came with a snapshot are of before anything decided since, so of before any picture that is written.
        var recent = _order.Count;
        while (recent > 0 && _order[recent - 1].Answer.Sequence > upTo) recent--;
        to.Var((ulong)(_storedCount + recent));
        to.Raw(_stored.Span);
        for (var i = 0; i < recent; i++)
        {
            var (key, answer) = _order[i];
            to.U128(key);
            to.U128(answer.BodyHash);
            to.Var((ulong)answer.Sequence);
            to.Int(answer.Day.DayNumber);
            ReplyCodec.Write(to, answer.Reply);
        }
    }

    private Dictionary<UInt128, int> Places()
    {
        var places = new Dictionary<UInt128, int>(_storedCount);
        var from = new ByteReader(_stored.Span);
        for (var i = 0; i < _storedCount; i++)
        {
            var at = from.Position;
            var key = from.U128();
            Skip(ref from);
            places.Add(key, at);
        }
        return places;
    }

    private static Remembered Read(ref ByteReader from, out UInt128 key)
    {
        key = from.U128();
        return new Remembered(from.U128(), from.Long(), from.Day(), ReplyCodec.Read(ref from));
    }

    /// <summary>Passes over an answer and gives its day.</summary>
    private static DateOnly Peek(ref ByteReader from)
    {
        from.U128();
        return Skip(ref from);
    }

    private static DateOnly Skip(ref ByteReader from)
    {
        from.U128();
        from.Long();
        var day = from.Day();
        ReplyCodec.Skip(ref from);
        return day;
    }
}

/// <summary>The answer to a command that changed something, kept under its key until its service day is forgotten.</summary>
/// <param name="Sequence">Of the command's last event.</param>
/// <param name="Day">The service day it was decided in.</param>
/// <param name="Reply">Null where the command answers nothing.</param>
public sealed record Remembered(UInt128 BodyHash, long Sequence, DateOnly Day, Core.Halls.HallReply? Reply);
