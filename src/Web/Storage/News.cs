using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Storage;

/// <summary>What the processes of a deployment tell each other: that something all of them keep in memory is another one in SQL now. Each is a word and which one of them.</summary>
internal static class News
{
    public const string Account = "account";
    public const string Device = "device";

    /// <summary>Told by a trigger, when the list has where the hall is.</summary>
    public const string Hall = "hall";

    public const string Holidays = "holidays";

    /// <summary>PostgreSQL's channel; a trigger of the table <c>halls</c> names it too.</summary>
    public const string Channel = "hallops";

    /// <summary>Tells every process, this one too, when the transaction of the change is committed. With SQLite there is nobody else to tell.</summary>
    public static async Task TellAsync(this HallOpsDb database, string of, string which, CancellationToken cancel)
    {
        if (database.Database.IsNpgsql()) await database.Database.ExecuteSqlAsync($"SELECT pg_notify({Channel}, {$"{of} {which}"})", cancel);
    }
}

/// <summary>What a process keeps in memory of what every process of its deployment may change. Is also told of what it knows already.</summary>
public interface IHearsNews
{
    /// <summary>What it wants to hear of: a word of <see cref="News"/>.</summary>
    string Of { get; }

    /// <summary>This one has changed: it is read again. After an exception all is read anew.</summary>
    Task HearAsync(string which, CancellationToken cancel);

    /// <summary>News may have been missed: all of them are read again.</summary>
    Task ReadAnewAsync(CancellationToken cancel);
}
