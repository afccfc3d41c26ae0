using HallOps.Core.Halls;
using HallOps.Silo.Journal;

namespace HallOps.Silo;

/// <summary>The answer to a command that changed something, kept under its key until its service day is forgotten.</summary>
/// <remarks>
/// One that came with a snapshot stays the bytes it was there: a busy hall has tens of thousands a day, hardly one of them is asked for again, and the next snapshot has it as it is.
/// </remarks>
public sealed class Remembered
{
    private readonly HallReply? _reply;
    private readonly ReadOnlyMemory<byte> _stored;

    public Remembered(UInt128 bodyHash, long sequence, DateOnly day, HallReply? reply) => (BodyHash, Sequence, Day, _reply) = (bodyHash, sequence, day, reply);

    /// <param name="stored">A whole reply as <see cref="ReplyCodec"/> writes it, and nothing more.</param>
    internal Remembered(UInt128 bodyHash, long sequence, DateOnly day, ReadOnlyMemory<byte> stored) => (BodyHash, Sequence, Day, _stored) = (bodyHash, sequence, day, stored);

    public UInt128 BodyHash { get; }

    /// <summary>Of the command's last event.</summary>
    public long Sequence { get; }

    /// <summary>The service day it was decided in.</summary>
    public DateOnly Day { get; }

    /// <summary>Null where the command answers nothing.</summary>
    public HallReply? Reply
    {
        get
        {
            if (_stored.IsEmpty) return _reply;
            var from = new ByteReader(_stored.Span);
            return ReplyCodec.Read(ref from);
        }
    }

    internal void WriteReply(ByteWriter to)
    {
        if (_stored.IsEmpty) ReplyCodec.Write(to, _reply);
        else to.Raw(_stored.Span);
    }
}
