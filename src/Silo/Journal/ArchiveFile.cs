using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace HallOps.Silo.Journal;

/// <summary>An archive of the journal is not where it belongs, or is not what it was. Halls go on being served; what needs its records is refused with this one line.</summary>
public sealed class JournalArchiveException : IOException
{
    public JournalArchiveException() { }
    public JournalArchiveException(string message) : base(message) { }
    public JournalArchiveException(string message, Exception inner) : base(message, inner) { }
}

/// <summary>What a store knows of one of its archives.</summary>
/// <param name="Name">Of the file.</param>
/// <param name="Hash">SHA-256 of its index.</param>
internal readonly record struct ArchivePlace(string Name, byte[] Hash);

/// <summary>Records that were stored together: a flush of SQLite's, an entry of Redis'.</summary>
/// <param name="Key">The flush's position; the sequence of the entry's last record.</param>
/// <param name="Count">How many records an entry has; 0: not said.</param>
internal readonly record struct ArchivedEntry(long Key, long Count, ReadOnlyMemory<byte> Body);

/// <summary>Of one hall, what an archive has.</summary>
/// <param name="Chain">Of the record at <paramref name="Last"/>.</param>
internal readonly record struct ArchivedHall(long First, long Last, UInt128 Chain);

/// <summary>A stretch of a stream that is packed as one.</summary>
/// <param name="Last">Of its last entry, the key.</param>
/// <param name="Crc">CRC-32C of the packed bytes.</param>
internal readonly record struct ArchiveBlock(long Last, long Offset, int Packed, int Length, uint Crc);

/// <summary>Entries of one stream, by key: SQLite has one, number 0; Redis one a hall.</summary>
/// <param name="First">The first key.</param>
internal sealed record ArchivedStream(uint Number, long First, List<ArchiveBlock> Blocks)
{
    public long Last => Blocks[^1].Last;
}

/// <summary>What stands at the end of an archive (docs/journal-format.md).</summary>
/// <param name="Before">The day that was asked for: days before it.</param>
/// <param name="Streams">In the order they were written.</param>
internal sealed record ArchiveIndex(string Before, List<ArchivedStream> Streams, SortedDictionary<uint, ArchivedHall> Halls)
{
    private const int Version = 1;

    public long Records => Halls.Values.Sum(h => h.Last - h.First + 1);

    public byte[] ToBytes()
    {
        var to = new ByteWriter();
        to.Var(Version);
        to.String(Before);
        to.Var((ulong)Streams.Count);
        foreach (var stream in Streams)
        {
            to.Var(stream.Number);
            to.Var((ulong)stream.First);
            to.Var((ulong)stream.Blocks.Count);
            foreach (var block in stream.Blocks)
            {
                to.Var((ulong)block.Last);
                to.Var((ulong)block.Offset);
                to.Var((ulong)block.Packed);
                to.Var((ulong)block.Length);
                to.U32(block.Crc);
            }
        }
        to.Var((ulong)Halls.Count);
        foreach (var (number, hall) in Halls)
        {
            to.Var(number);
            to.Var((ulong)hall.First);
            to.Var((ulong)hall.Last);
            to.U128(hall.Chain);
        }
        return to.ToArray();
    }

    /// <exception cref="FormatException">It is of a newer program, or ends early.</exception>
    public static ArchiveIndex Read(ReadOnlySpan<byte> bytes)
    {
        var from = new ByteReader(bytes);
        if (from.Var() is var version and not Version) throw new FormatException(FormattableString.Invariant($"it has format {version}, this program reads up to {Version}"));
        var before = from.String();
        var streams = new List<ArchivedStream>();
        for (var left = from.Count(); left > 0; left--)
        {
            var stream = new ArchivedStream(checked((uint)from.Var()), checked((long)from.Var()), []);
            for (var blocks = from.Count(); blocks > 0; blocks--)
                stream.Blocks.Add(new(checked((long)from.Var()), checked((long)from.Var()), checked((int)from.Var()), checked((int)from.Var()), from.U32()));
            streams.Add(stream);
        }
        var halls = new SortedDictionary<uint, ArchivedHall>();
        for (var left = from.Count(); left > 0; left--) halls.Add(checked((uint)from.Var()), new(checked((long)from.Var()), checked((long)from.Var()), from.U128()));
        return new(before, streams, halls);
    }
}

/// <summary>One archive, read: any number of threads at a time. It never changes once a store has named it.</summary>
internal sealed class ArchiveFile : IDisposable
{
    /// <summary>What an archive begins and ends with.</summary>
    public static ReadOnlySpan<byte> Mark => "HOPJARC1"u8;

    /// <summary>After the index: its length, and the mark.</summary>
    public const int Trailer = 12;

    private readonly SafeFileHandle _file;
    private readonly Dictionary<uint, ArchivedStream> _streams;
    private readonly string _path;

    private ArchiveFile(string path, SafeFileHandle file, ArchiveIndex index)
    {
        (_path, _file, Index) = (path, file, index);
        _streams = index.Streams.ToDictionary(s => s.Number);
    }

    public ArchiveIndex Index { get; }

    /// <exception cref="JournalArchiveException">It is not there, cannot be read, or is not the one the store named.</exception>
    public static ArchiveFile Open(string folder, ArchivePlace place)
    {
        var path = Path.Combine(folder, place.Name);
        SafeFileHandle? file = null;
        try
        {
            file = File.OpenHandle(path);
            var length = RandomAccess.GetLength(file);
            var trailer = Read(file, length - Trailer, Trailer);
            var size = BinaryPrimitives.ReadInt32LittleEndian(trailer);
            if (!trailer.AsSpan(4).SequenceEqual(Mark) || size < 1 || size > length - Trailer - Mark.Length) throw new FormatException("it does not end as an archive does");
            var index = Read(file, length - Trailer - size, size);
            if (!SHA256.HashData(index).AsSpan().SequenceEqual(place.Hash)) throw new FormatException("it is another file than was written here");
            return new ArchiveFile(path, file, ArchiveIndex.Read(index));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new JournalArchiveException($"the archive {place.Name} of the journal is not in {folder}: put it, or a copy of it, there", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or OverflowException)
        {
            file?.Dispose();
            throw Broken(path, e);
        }
    }

    /// <summary>The entries from a key on that are packed together with the first of them; null: it has none.</summary>
    /// <exception cref="JournalArchiveException">The file is damaged.</exception>
    public List<ArchivedEntry>? From(uint stream, long key)
    {
        if (!_streams.TryGetValue(stream, out var its)) return null;
        var (low, high) = (0, its.Blocks.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (its.Blocks[middle].Last < key) low = middle + 1;
            else high = middle;
        }
        if (low == its.Blocks.Count) return null;
        var entries = Unpack(its.Blocks[low]);
        entries.RemoveRange(0, entries.FindIndex(e => e.Key >= key));
        return entries;
    }

    /// <summary>All there is, in the order it was written.</summary>
    /// <exception cref="JournalArchiveException">The file is damaged.</exception>
    public IEnumerable<(uint Stream, ArchivedEntry Entry)> All()
    {
        foreach (var stream in Index.Streams)
            foreach (var block in stream.Blocks)
                foreach (var entry in Unpack(block)) yield return (stream.Number, entry);
    }

    private List<ArchivedEntry> Unpack(in ArchiveBlock block)
    {
        try
        {
            var packed = Read(_file, block.Offset, block.Packed);
            if (Crc32C.Of(packed) != block.Crc) throw new FormatException("a checksum does not fit");
            var bytes = new byte[block.Length];
            if (!BrotliDecoder.TryDecompress(packed, bytes, out var written) || written != bytes.Length) throw new FormatException("it cannot be unpacked");
            var entries = new List<ArchivedEntry>();
            var from = new ByteReader(bytes);
            while (from.Left > 0)
            {
                var (key, count, length) = (checked((long)from.Var()), checked((long)from.Var()), from.Count());
                entries.Add(new(key, count, bytes.AsMemory(from.Position, length)));
                from.Raw(length);
            }
            return entries.Count > 0 && entries[^1].Key == block.Last ? entries : throw new FormatException("it does not hold what its index says");
        }
        catch (Exception e) when (e is IOException or FormatException or OverflowException)
        {
            throw Broken(_path, new FormatException(FormattableString.Invariant($"at byte {block.Offset}: {e.Message}"), e));
        }
    }

    private static byte[] Read(SafeFileHandle file, long offset, int count)
    {
        if (offset < 0) throw new FormatException("it is too short");
        var bytes = new byte[count];
        for (var read = 0; read < count;)
        {
            var n = RandomAccess.Read(file, bytes.AsSpan(read), offset + read);
            if (n == 0) throw new FormatException("it ends early");
            read += n;
        }
        return bytes;
    }

    private static JournalArchiveException Broken(string path, Exception e) =>
        new($"the archive {path} of the journal cannot be read ({SqliteSchema.OneLine(e.Message).TrimEnd('.')}): put a copy of it there, out of a backup", e);

    public void Dispose() => _file.Dispose();
}

/// <summary>The folder that a store's archives are in. Safe from any thread.</summary>
internal sealed class JournalArchives(string folder) : IDisposable
{
    /// <summary>Beside the journal, in the data folder.</summary>
    public const string FolderName = "archive";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, ArchiveFile> _open = [];

    public string Folder => folder;

    public static string FolderOf(string dataFolder) => Path.Combine(dataFolder, FolderName);

    /// <exception cref="JournalArchiveException">It is not there, or is not the one the store named.</exception>
    public ArchiveFile Open(ArchivePlace place)
    {
        lock (_gate)
        {
            if (!_open.TryGetValue(place.Name, out var file)) _open.Add(place.Name, file = ArchiveFile.Open(folder, place));
            return file;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var file in _open.Values) file.Dispose();
            _open.Clear();
        }
    }
}
