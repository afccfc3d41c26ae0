using System.Data;
using System.Data.Common;
using HallOps.Core.Metrics;

namespace HallOps.Silo.Projections;

/// <summary>A row of the table <c>rollups</c>: the tally of one key of one dimension in one bucket of time.</summary>
internal static class RollupCell
{
    private static readonly Count[] Counts =
        [Count.Tickets, Count.Legs, Count.Called, Count.Served, Count.NoShow, Count.Abandoned, Count.Withdrawn, Count.Transferred, Count.Void, Count.Open];

    private static readonly Column[] Columns =
    [
        Column.Text("grain"), Column.Text("dimension"), Column.Text("bucket"), Column.Number("hall"), Column.Text("key"),
        .. ((string[])["tickets", "legs", "called", "served", "no_show", "abandoned", "withdrawn", "transferred", "void", "open", "wait_n", "wait_ms", "walk_ms", "service_n", "service_ms", "rated", "bad"]).Select(c => Column.Number(c)),
        new("body", DbType.Binary), new("version", DbType.Int32),
    ];

    public static RowWrite Write(DbConnection connection) => RowWrite.Upsert(connection, "rollups", Columns, 5);

    public static void Fill(RowWrite to, (string Grain, string Dimension, string Bucket, uint Hall, string Key) of, Tally tally)
    {
        to.Set(0, of.Grain);
        to.Set(1, of.Dimension);
        to.Set(2, of.Bucket);
        to.Set(3, (long)of.Hall);
        to.Set(4, of.Key);
        var at = 5;
        foreach (var count in Counts) to.Set(at++, tally[count]);
        foreach (var figure in (ReadOnlySpan<long>)[tally.Wait.Count, tally.Wait.Sum, tally.Walk.Sum, tally.Service.Count, tally.Service.Sum, tally.Rated, tally.Bad]) to.Set(at++, figure);
        to.Set(at++, tally.ToBytes());
        to.Set(at, (long)Tally.Version);
    }
}
