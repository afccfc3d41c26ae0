using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;

namespace HallOps.Silo.Journal;

/// <summary>Writes one archive. What is written counts only once a store names it: until then it is a file that nobody asks for.</summary>
internal sealed class ArchiveWriter : IDisposable
{
    // Unpacked, one block stays out of the large objects.
    private const int BlockBytes = 64 << 10;

    // Between Brotli's fast and its best: the best is twelve times as slow for a tenth less.
    private const int Quality = 6;
    private const int Window = 18;

    private readonly string _folder;
    private readonly ArchiveIndex _index;
    private readonly FileStream _file;
    private readonly IncrementalHash _written = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly ByteWriter _block = new(BlockBytes);
    private byte[] _packed = new byte[BlockBytes * 2];
    private long _last;
    private bool _isKept;

    /// <exception cref="JournalUnusableException">The folder cannot be written to.</exception>
    public ArchiveWriter(string folder, DateOnly before)
    {
        _folder = folder;
        var day = before.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        _index = new(day, [], []);
        Name = $"before-{day}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}.archive";
        _file = Do(() =>
        {
            Directory.CreateDirectory(folder);
            var file = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 1 << 20 };
            if (!OperatingSystem.IsWindows()) file.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            return new FileStream(Path.Combine(folder, Name), file);
        });
        Do(() => _file.Write(ArchiveFile.Mark));
    }

    public string Name { get; }

    /// <summary>Bytes of the entries, as they were before.</summary>
    public long Bytes { get; private set; }

    /// <summary>Of the file, once it is whole.</summary>
    public long Packed { get; private set; }

    public long Records => _index.Records;

    /// <summary>Puts an entry behind the others; a stream's come together, by key.</summary>
    /// <exception cref="JournalUnusableException">No room.</exception>
    public void Add(uint stream, in ArchivedEntry entry)
    {
        if (_index.Streams is not [.., var its] || its.Number != stream)
        {
            Pack();
            _index.Streams.Add(new(stream, entry.Key, []));
        }
        _block.Var((ulong)entry.Key);
        _block.Var((ulong)entry.Count);
        _block.Blob(entry.Body.Span);
        _last = entry.Key;
        Bytes += entry.Body.Length;
        Hash(_written, stream, entry);
        if (_block.Length >= BlockBytes) Pack();
    }

    /// <summary>Says which records of a hall were in the entries.</summary>
    public void Has(uint hall, in ArchivedHall of) => _index.Halls.Add(hall, of);

    /// <summary>Writes the index, makes the file durable, and reads it back from the disk: it is let go only when every byte that went in comes out.</summary>
    /// <exception cref="JournalUnusableException">No room, or it reads otherwise than it was written.</exception>
    public ArchivePlace Finish()
    {
        Pack();
        var index = _index.ToBytes();
        Do(() =>
        {
            _file.Write(index);
            Span<byte> trailer = stackalloc byte[ArchiveFile.Trailer];
            BinaryPrimitives.WriteInt32LittleEndian(trailer, index.Length);
            ArchiveFile.Mark.CopyTo(trailer[4..]);
            _file.Write(trailer);
            _file.Flush(flushToDisk: true);
            Packed = _file.Length;
        });
        _file.Dispose();
        var place = new ArchivePlace(Name, SHA256.HashData(index));
        using var read = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        try
        {
            using var file = ArchiveFile.Open(_folder, place);
            foreach (var (stream, entry) in file.All()) Hash(read, stream, entry);
        }
        catch (JournalArchiveException e)
        {
            throw new JournalUnusableException($"{e.Message}; nothing was archived", e);
        }
        if (!read.GetHashAndReset().AsSpan().SequenceEqual(_written.GetHashAndReset())) throw new JournalUnusableException($"{Path.Combine(_folder, Name)} reads otherwise than it was written; nothing was archived");
        return place;
    }

    /// <summary>A store names it: it stays.</summary>
    public void Keep() => _isKept = true;

    private void Pack()
    {
        if (_block.Length == 0) return;
        var most = BrotliEncoder.GetMaxCompressedLength(_block.Length);
        if (_packed.Length < most) _packed = new byte[most];
        if (!BrotliEncoder.TryCompress(_block.Written, _packed, out var packed, Quality, Window)) throw new InvalidOperationException("A block cannot be packed.");
        _index.Streams[^1].Blocks.Add(new(_last, _file.Position, packed, _block.Length, Crc32C.Of(_packed.AsSpan(0, packed))));
        Do(() => _file.Write(_packed, 0, packed));
        _block.Clear();
    }

    private static void Hash(IncrementalHash hash, uint stream, in ArchivedEntry entry)
    {
        Span<byte> head = stackalloc byte[24];
        BinaryPrimitives.WriteUInt32LittleEndian(head, stream);
        BinaryPrimitives.WriteInt32LittleEndian(head[4..], entry.Body.Length);
        BinaryPrimitives.WriteInt64LittleEndian(head[8..], entry.Key);
        BinaryPrimitives.WriteInt64LittleEndian(head[16..], entry.Count);
        hash.AppendData(head);
        hash.AppendData(entry.Body.Span);
    }

    private void Do(Action write) => Do(() =>
    {
        write();
        return true;
    });

    private T Do<T>(Func<T> write)
    {
        try
        {
            return write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new JournalUnusableException($"{Path.Combine(_folder, Name)} cannot be written ({SqliteSchema.OneLine(e.Message).TrimEnd('.')}); nothing was archived", e);
        }
    }

    public void Dispose()
    {
        _written.Dispose();
        _file.Dispose();
        if (!_isKept) File.Delete(Path.Combine(_folder, Name));
    }
}
