using System.Text.Json;
using HallOps.Web.Storage;

namespace HallOps.Web.Operations;

/// <summary>
/// Marks a folder whose halls run on a clock of their own (<c>clock.json</c>): numbers given in demonstration time must never be taken for real ones, so
/// such a folder is served with the same settings or not at all.
/// </summary>
/// <param name="Start">Of the settings; null: the moment of the first start.</param>
/// <param name="BeganAt">The real moment of the first start: the halls' clock goes on from there after a restart.</param>
internal sealed record ClockMark(DateTimeOffset? Start, double Speed, DateTimeOffset BeganAt)
{
    /// <summary>What the halls' clock shows at the real moment <paramref name="now"/>.</summary>
    public DateTimeOffset At(DateTimeOffset now) => (Start ?? BeganAt) + (now - BeganAt) * Speed;

    /// <summary>The folder's mark, made now in a new folder where the settings ask for a clock; null for real time.</summary>
    /// <exception cref="StartRefusedException">Folder and settings do not agree.</exception>
    public static ClockMark? Agree(DataFolder folder, ClockSettings? settings, DateTimeOffset now)
    {
        var mark = Of(folder);
        switch (mark, settings)
        {
            case (null, null):
                return null;
            case (null, { } asked):
                if (!folder.IsNew) throw new StartRefusedException($"HallOps:Clock is for a new data folder only, and {folder.FullPath} holds real halls; leave it out or choose another folder with --data.");
                mark = new ClockMark(asked.Start, asked.Speed, now);
                OwnerOnly.Write(folder.ClockPath, JsonSerializer.SerializeToUtf8Bytes(mark, JsonSerializerOptions.Web));
                return mark;
            case ({ } marked, { } asked) when marked.Start == asked.Start && marked.Speed == asked.Speed:
                return marked;
            default:
                throw new StartRefusedException($"The halls in {folder.FullPath} run on their own clock: serve it with {mark!.Arguments()}, or choose another folder with --data.");
        }
    }

    /// <summary>The folder's mark; null for real time.</summary>
    public static ClockMark? Of(DataFolder folder) => File.Exists(folder.ClockPath) ? Read(folder) : null;

    private string Arguments() =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{(Start is { } start ? $"--HallOps:Clock:Start {start:yyyy-MM-dd'T'HH:mm:sszzz} " : "")}--HallOps:Clock:Speed {Speed}");

    private static ClockMark Read(DataFolder folder)
    {
        try
        {
            return JsonSerializer.Deserialize<ClockMark>(File.ReadAllBytes(folder.ClockPath), JsonSerializerOptions.Web) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new StartRefusedException($"{folder.ClockPath} is damaged; put it back from a backup.", e);
        }
    }
}
