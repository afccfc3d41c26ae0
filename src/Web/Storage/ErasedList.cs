using System.Globalization;
using System.Text;
using HallOps.Core.Halls;
using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Storage;

/// <summary>
/// Who was erased, in a file of its own beside the database (<c>erased.txt</c>), so that an older backup does not bring them back: a line each with the person's random id, which says nothing
/// of anybody once the row is gone, and the time. Lines are only ever added. The title names the deployment by its keys: the list of another one would erase nobody and look as if it had.
/// Safe from any thread.
/// </summary>
/// <param name="shared">Whom other machines hear of it through; null: this folder is the only one.</param>
public sealed class ErasedList(DataFolder folder, Keys keys, TimeProvider time, SharedFiles? shared = null) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>Adds a person, durably before it returns.</summary>
    public async Task AddAsync(PersonId person, CancellationToken cancel)
    {
        await _one.WaitAsync(cancel);
        try
        {
            if (!File.Exists(folder.ErasedPath)) OwnerOnly.Write(folder.ErasedPath, new Erasures(keys.Mark, []).ToBytes());
            await using var file = new FileStream(folder.ErasedPath, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
            CutTornLine(file);
            var line = string.Create(CultureInfo.InvariantCulture, $"{person} {time.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss'Z'}\n");
            await file.WriteAsync(Encoding.ASCII.GetBytes(line), CancellationToken.None);
            file.Flush(flushToDisk: true);
            if (shared is not null) await shared.GiveAsync(folder.ErasedPath, CancellationToken.None);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Erases again whoever of the list is in the database, as after a restore or where the process ended between the list and the row; how many.</summary>
    /// <exception cref="StartRefusedException">The list is damaged, or of another deployment.</exception>
    public async Task<int> ApplyAsync(HallOpsDb database, CancellationToken cancel)
    {
        if (!File.Exists(folder.ErasedPath))
        {
            OwnerOnly.Write(folder.ErasedPath, new Erasures(keys.Mark, []).ToBytes());
            return 0;
        }
        var erasures = Erasures.Read(folder.ErasedPath);
        erasures.MustBeOf(keys, folder.ErasedPath);
        var again = 0;
        // Below the number of parameters SQLite takes.
        foreach (var persons in erasures.Persons.Chunk(500)) again += await database.People.Where(p => persons.Contains(p.Person)).ExecuteDeleteAsync(cancel);
        return again;
    }

    public void Dispose() => _one.Dispose();

    // A write that was cut off with its process: its person was not told to be erased.
    private static void CutTornLine(FileStream file)
    {
        var end = file.Length;
        while (end > 0)
        {
            file.Position = end - 1;
            if (file.ReadByte() == '\n') break;
            end--;
        }
        file.SetLength(end);
        file.Position = end;
    }
}

/// <summary>What a list of erasures holds.</summary>
/// <param name="Mark">The deployment's, see <see cref="Keys.Mark"/>.</param>
/// <param name="Lines">The person's id in hex, a blank and the time; in the order of the file, each person once.</param>
internal sealed record Erasures(string Mark, IReadOnlyList<string> Lines)
{
    private const string Title = "hallops erased 1 ";
    private const int IdLength = 32;

    public IEnumerable<string> Persons => Lines.Select(IdOf);

    /// <exception cref="StartRefusedException">It cannot be read, or is no such list; one line that says where.</exception>
    public static Erasures Read(string path)
    {
        try
        {
            return Parse(File.ReadAllBytes(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException($"{path} cannot be read ({e.Message.TrimEnd('.')}).", e);
        }
    }

    /// <param name="name">What it is called where it is wrong.</param>
    /// <exception cref="StartRefusedException">It is no such list.</exception>
    public static Erasures Parse(byte[] bytes, string name)
    {
        var text = Encoding.ASCII.GetString(bytes).ReplaceLineEndings("\n");
        var lines = text.Split('\n');
        if (!lines[0].StartsWith(Title, StringComparison.Ordinal)) throw new StartRefusedException($"{name} is no list of erasures; take the erased.txt of the old data folder.");
        var erasures = new List<string>();
        for (var i = 1; i < lines.Length; i++)
        {
            // The last one lacks its end where a write was cut off.
            if (lines[i].Length == 0 || (i == lines.Length - 1 && !IsErasure(lines[i]))) continue;
            if (!IsErasure(lines[i])) throw new StartRefusedException($"{name} is damaged: line {i + 1} is not a person's id and a time.");
            erasures.Add(lines[i]);
        }
        return new Erasures(lines[0][Title.Length..], [.. erasures.DistinctBy(IdOf)]);
    }

    /// <exception cref="StartRefusedException">It is of another deployment.</exception>
    public void MustBeOf(Keys keys, string name)
    {
        if (Mark != keys.Mark) throw new StartRefusedException($"{name} is the list of erasures of another deployment; take the erased.txt of the folder that the backup was made of.");
    }

    public Erasures With(Erasures other) => this with { Lines = [.. Lines.Concat(other.Lines).DistinctBy(IdOf)] };

    public byte[] ToBytes() => Encoding.ASCII.GetBytes($"{Title}{Mark}\n{string.Concat(Lines.Select(l => l + '\n'))}");

    private static string IdOf(string line) => line[..IdLength];

    private static bool IsErasure(string line) => line.Length > IdLength + 1 && line[IdLength] == ' ' && line[..IdLength].All(char.IsAsciiHexDigitLower)
        && DateTimeOffset.TryParseExact(line.AsSpan(IdLength + 1), "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);
}
